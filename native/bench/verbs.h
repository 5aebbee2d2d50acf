// What the folders of the benchmark's addon offer to JavaScript.
#pragma once

#include <node_api.h>

namespace procloom::bench {

void DefineMemory(napi_env env, napi_value exports);
void DefinePingPong(napi_env env, napi_value exports);
void DefineRing(napi_env env, napi_value exports);
void DefineWakes(napi_env env, napi_value exports);

}  // namespace procloom::bench
