// The addon: one Environment for each JavaScript environment, and its verbs.
#include <napi.h>

#include "binding/call.h"

namespace procloom {

namespace {

// The environment ends: give up everything, let the loop let go of us, then go.
void End(napi_async_cleanup_hook_handle hook, void* data) {
  auto* const environment = static_cast<Environment*>(data);
  environment->children().Close([hook, environment] {
    environment->bell().Close([hook, environment] {
      environment->Leave();
      delete environment;
      napi_remove_async_cleanup_hook(hook);
    });
  });
}

}  // namespace

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  auto* const environment = new Environment(env);
  for (auto* define :
       {DefineFacts, DefineHandles, DefineLocks, DefineSemaphores, DefineOwnedPermits, DefineEvents, DefineBarriers,
        DefineConditions, DefineMemory, DefineChannels, DefineInPlace, DefineChildren, DefineDescriptors}) {
    define(env, exports, environment);
  }
  napi_set_instance_data(env, environment, nullptr, nullptr);
  napi_add_async_cleanup_hook(env, End, environment, nullptr);
  return exports;
}

}  // namespace procloom

static Napi::Object InitAddon(Napi::Env env, Napi::Object exports) { return procloom::Init(env, exports); }

NODE_API_MODULE(procloom, InitAddon)
