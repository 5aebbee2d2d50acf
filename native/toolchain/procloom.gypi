# How the addon is compiled, apart from its name and place: read by binding.gyp and by compile.mjs.
#
# procloom_body chooses how waiting is done: 'linux' (futexes) or 'posix' (process-shared semaphores).
# procloom_werror makes warnings errors, for those who can mend them.
{
  'variables': {
    'conditions': [
      ["OS=='linux'", { 'procloom_body%': 'linux' }, { 'procloom_body%': 'posix' }],
    ],
    'procloom_werror%': 0,
  },
  'target_defaults': {
    'sources': ['<!@(node native/toolchain/list-sources.mjs <(procloom_body))'],
    'include_dirs': [
      '<(module_root_dir)/native',
      '<!(node -p "process.env.PROCLOOM_NAPI_INCLUDE || require(\'node-addon-api\').include_dir")',
    ],
    'defines': ['NAPI_VERSION=9', 'NAPI_DISABLE_CPP_EXCEPTIONS', 'NODE_ADDON_API_DISABLE_DEPRECATED'],
    # What Node's common.gypi says about these would come after ours. An exclusion also strikes our own flag of the same
    # spelling: hence gnu++2a, which is gnu++20.
    'cflags!': ['-O2', '-fno-omit-frame-pointer', '-Wno-unused-parameter'],
    'cflags_cc!': ['-std=gnu++17', '-std=gnu++20', '-fno-rtti', '-fexceptions'],
    'cflags': ['-O3', '-fvisibility=hidden', '-Wall', '-Wextra'],
    'cflags_cc': ['-std=gnu++2a', '-fno-exceptions', '-fvisibility-inlines-hidden'],
    # nodelete: threads of the addon may outlive the environment that started them (a worker's exit), and their
    # destructors must not run in unmapped code.
    'ldflags': ['-Wl,-z,nodelete'],
    'xcode_settings': {
      'CLANG_CXX_LANGUAGE_STANDARD': 'gnu++20',
      'CLANG_CXX_LIBRARY': 'libc++',
      'GCC_OPTIMIZATION_LEVEL': '3',
      'GCC_SYMBOLS_PRIVATE_EXTERN': 'YES',
      'GCC_ENABLE_CPP_EXCEPTIONS': 'NO',
      'MACOSX_DEPLOYMENT_TARGET': '12.0',
    },
    'conditions': [
      ["procloom_body=='posix'", { 'defines': ['PROCLOOM_BODY_POSIX=1'] }],
      ["procloom_werror==1", { 'cflags': ['-Werror'] }],
      ["OS=='linux'", { 'libraries': ['-lrt', '-pthread'] }],
    ],
  },
}
