#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "proto/masa/v1/device.grpc.pb.h"
#include "proto/masa/v1/organization.grpc.pb.h"
#include "proto/masa/v1/voucher.grpc.pb.h"
#include "services/masactl/device_reports.h"
#include "services/masactl/registry_commands.h"
#include "services/masactl/shown.h"
#include "services/masactl/voucher_commands.h"
#include "services/status/macros.h"

namespace masa::masactl {
namespace {

void Line(std::ostream& out, const char* name, const std::string& value) {
  if (!value.empty()) {
    out << Shown(name) << ": " << Shown(value) << '\n';
  }
}

void Print(const masa::v1::Device& device, std::ostream& out) {
  Line(out, "serial number", device.serial_number());
  Line(out, "IDevID issuer",
       absl::BytesToHexString(device.idevid_issuer_ski()));
  Line(out, "product", device.product_id());
  Line(out, "owner",
       device.organization_id().empty() ? "none" : device.organization_id());
  Line(out, "state",
       masa::v1::DeviceState_Name(device.state())
           .substr(std::string("DEVICE_STATE_").size()));
  Line(out, "model", device.model());
  Line(out, "MAC address", device.mac_addr());
  for (const auto& [name, value] : device.labels()) {
    Line(out, ("label " + name).c_str(), value);
  }
}

// The outcome of each serial number; 0, 1 or 2 as sandbox scripts expect it.
template <typename Response>
int Tell(const CommonOptions& options, const Response& response,
         const std::vector<std::string>& serials, const char* done,
         Terminal terminal) {
  int failed = 0;
  for (int i = 0; i < response.outcomes_size(); ++i) {
    const masa::v1::ItemOutcome& outcome = response.outcomes(i);
    if (!outcome.reason().empty()) {
      ++failed;
      terminal.err << serials[i] << ": " << outcome.reason() << ": "
                   << Shown(outcome.message()) << '\n';
    }
  }
  const int succeeded = response.outcomes_size() - failed;
  if (options.json) {
    terminal.out << JsonOf(response) << '\n';
  } else {
    terminal.out << succeeded << " " << done << ", " << failed << " refused\n";
  }
  return failed == 0 ? 0 : succeeded == 0 ? 1 : 2;
}

}  // namespace

absl::StatusOr<int> GetDevice(const CommonOptions& options,
                              const std::string& serial, Terminal terminal) {
  MASA_ASSIGN_OR_RETURN(const auto channel, Connect(options));
  masa::v1::GetDeviceRequest request;
  MASA_ASSIGN_OR_RETURN(*request.mutable_device(), KeyOf(options, serial));
  masa::v1::GetDeviceResponse response;
  grpc::ClientContext call;
  Prepare(&call);
  MASA_RETURN_IF_ERROR(
      StatusOf(masa::v1::DeviceService::NewStub(channel)->GetDevice(
          &call, request, &response)));
  if (options.json) {
    MASA_ASSIGN_OR_RETURN(const auto reports, ReadReports(options, serial));
    terminal.out << JsonWithReports(JsonOf(response.device()), reports) << '\n';
    return 0;
  }
  Print(response.device(), terminal.out);
  MASA_RETURN_IF_ERROR(ShowReports(options, serial, terminal.out));
  return ShowAudit(options, serial, terminal);
}

absl::StatusOr<int> AssignDevices(const CommonOptions& options,
                                  const std::vector<std::string>& named,
                                  const std::string& organization, bool check,
                                  Terminal terminal) {
  const std::vector<std::string> serials = EachOnce(named);
  MASA_ASSIGN_OR_RETURN(const auto channel, Connect(options));
  masa::v1::AssignDevicesRequest request;
  for (const std::string& serial : serials) {
    MASA_ASSIGN_OR_RETURN(*request.add_devices(), KeyOf(options, serial));
  }
  request.set_organization_id(organization);
  request.set_validate_only(check);
  masa::v1::AssignDevicesResponse response;
  grpc::ClientContext call;
  Prepare(&call);
  MASA_RETURN_IF_ERROR(
      StatusOf(masa::v1::DeviceService::NewStub(channel)->AssignDevices(
          &call, request, &response)));
  return Tell(options, response, serials,
              check ? "could be assigned" : "assigned", terminal);
}

absl::StatusOr<int> PlaceDevices(const CommonOptions& options,
                                 const RegistryArguments& arguments,
                                 Terminal terminal) {
  MASA_ASSIGN_OR_RETURN(const auto channel, Connect(options));
  const std::vector<std::string> serials = EachOnce(arguments.serials);
  masa::v1::PlaceDevicesRequest request;
  for (const std::string& serial : serials) {
    MASA_ASSIGN_OR_RETURN(*request.add_devices(), KeyOf(options, serial));
  }
  request.set_group_id(arguments.group);
  request.set_validate_only(arguments.check);
  masa::v1::PlaceDevicesResponse response;
  grpc::ClientContext call;
  Prepare(&call);
  MASA_RETURN_IF_ERROR(
      StatusOf(masa::v1::GroupService::NewStub(channel)->PlaceDevices(
          &call, request, &response)));
  return Tell(options, response, serials,
              arguments.check ? "could be placed" : "placed", terminal);
}

absl::StatusOr<int> BlockDevices(const CommonOptions& options,
                                 const std::vector<std::string>& named,
                                 bool lift, bool check, Terminal terminal) {
  const std::vector<std::string> serials = EachOnce(named);
  MASA_ASSIGN_OR_RETURN(const auto channel, Connect(options));
  masa::v1::BlockDevicesRequest request;
  for (const std::string& serial : serials) {
    MASA_ASSIGN_OR_RETURN(*request.add_devices(), KeyOf(options, serial));
  }
  request.set_lift(lift);
  request.set_validate_only(check);
  masa::v1::BlockDevicesResponse response;
  grpc::ClientContext call;
  Prepare(&call);
  MASA_RETURN_IF_ERROR(
      StatusOf(masa::v1::DeviceService::NewStub(channel)->BlockDevices(
          &call, request, &response)));
  const char* done = lift ? "served again" : "blocked";
  const char* could = lift ? "could be served again" : "could be blocked";
  return Tell(options, response, serials, check ? could : done, terminal);
}

}  // namespace masa::masactl
