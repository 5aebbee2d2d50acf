# What procloom is measured beside, as an addon; built in a folder of its own by `node scripts/setup.mjs --bench`.
{
  'targets' : [ {
    'target_name' : 'procloom_bench',
    'sources' : [
      'native/bench/addon.cc',
      'native/bench/memory/verbs.cc',
      'native/bench/ping-pong/verbs.cc',
      'native/bench/ring/verbs.cc',
      'native/bench/wakes/verbs.cc',
    ],
    'defines' : ['NAPI_VERSION=9'],
    'cflags!' : [ '-O2', '-Wno-unused-parameter' ],
    'cflags_cc!' : [ '-std=gnu++17', '-std=gnu++20', '-fno-rtti' ],
    'cflags' : [ '-O3', '-fvisibility=hidden', '-Wall', '-Wextra' ],
    'cflags_cc' : ['-std=gnu++2a'],
    'libraries' : ['-pthread'],
  } ],
}
