#The raw wakes of the benchmark as an addon; built in a folder of its own by `node scripts / setup.mjs-- bench`.
{
  'targets' : [ {
    'target_name' : 'procloom_wakes',
    'sources' : ['native/bench/wakes/addon.cc'],
    'defines' : ['NAPI_VERSION=9'],
    'cflags!' : [ '-O2', '-Wno-unused-parameter' ],
    'cflags_cc!' : [ '-std=gnu++17', '-std=gnu++20', '-fno-rtti' ],
    'cflags' : [ '-O3', '-fvisibility=hidden', '-Wall', '-Wextra' ],
    'cflags_cc' : ['-std=gnu++2a'],
    'libraries' : ['-pthread'],
  } ],
}
