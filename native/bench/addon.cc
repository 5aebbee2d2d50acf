// The benchmark's own addon: what procloom is measured beside, as bare as it can be. It owes procloom nothing.
#include "verbs.h"

namespace procloom::bench {

NAPI_MODULE_INIT() {
  DefineMemory(env, exports);
  DefinePingPong(env, exports);
  DefineRing(env, exports);
  DefineWakes(env, exports);
  return exports;
}

}  // namespace procloom::bench
