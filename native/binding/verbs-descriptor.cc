// Verbs of descriptors on their way: left in the cloakroom here, fetched from it there.
#include "binding/call.h"
#include "memory/cloakroom.h"
#include "os/file.h"

namespace procloom {

namespace {

// A descriptor as its sender has it: its place is no segment but a ticket.
struct DescriptorObject : Object {
  static constexpr uint32_t kTypes = kDescriptorType;
  explicit DescriptorObject(uint64_t ticket) : Object(Kind::kNONE, kDescriptorType, Place::Alone(nullptr, ticket)) {}
  ~DescriptorObject() override { Cloakroom::Forget(place.part()); }
  void Watch(const Waiter&, uint32_t) override {}
  void Unwatch(const Waiter&, uint32_t) override {}
  std::string Reference() const override { return Cloakroom::Reference(place.part()); }
  void BeginFlight(const Place* carrier) override {
    if (carrier != nullptr && carrier->segment() != nullptr)
      Cloakroom::CarriedBy(place.part(), carrier->segment()->file());
    Cloakroom::BeginFlight(place.part());
  }
  void EndFlight() override { Cloakroom::EndFlight(place.part()); }
};

int64_t DescriptorLeave(Environment& environment, int32_t fd) {
  if (const Status status = environment.Join(); Failed(status)) return static_cast<int64_t>(status);
  uint64_t ticket;
  if (const Status status = Cloakroom::Leave(*environment.registry(), fd, &ticket); Failed(status))
    return static_cast<int64_t>(status);
  return environment.Keep(std::make_unique<DescriptorObject>(ticket));
}

int64_t DescriptorTake(Environment& environment, const std::string& reference) {
  if (const Status status = environment.Join(); Failed(status)) return static_cast<int64_t>(status);
  int fd;
  const Status status = Cloakroom::Take(*environment.registry(), reference, &fd);
  return Failed(status) ? static_cast<int64_t>(status) : fd;
}

int64_t DescriptorClose(Environment&, int32_t fd) {
  os::CloseFile(fd);
  return 0;
}

}  // namespace

void DefineDescriptors(napi_env env, napi_value exports, Environment* environment) {
  Define<DescriptorLeave>(env, exports, environment, "descriptorLeave");
  Define<DescriptorTake>(env, exports, environment, "descriptorTake");
  Define<DescriptorClose>(env, exports, environment, "descriptorClose");
}

}  // namespace procloom
