#include <cstdio>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "proto/masa/v1/device.grpc.pb.h"
#include "services/masactl/device_rows.h"
#include "services/masactl/out_place.h"
#include "services/masactl/registry_commands.h"
#include "services/status/macros.h"

namespace masa::masactl {
namespace {

// A stream that takes longer is gone on with in another one.
constexpr absl::Duration kStreamTakes = absl::Minutes(10);
constexpr int kMostTries = 5;

class Exporter {
 public:
  Exporter(std::shared_ptr<grpc::Channel> channel,
           masa::v1::ExportDevicesRequest request, bool json, std::ostream& out,
           Terminal terminal)
      : stub_(masa::v1::DeviceService::NewStub(std::move(channel))),
        request_(std::move(request)),
        json_(json),
        out_(out),
        terminal_(terminal) {}

  // The number of devices written; those that could not be are told.
  absl::StatusOr<int64_t> Run() {
    if (!json_) {
      out_ << HeaderLine() << '\n';
    }
    for (int tries = 0; !ended_;) {
      const int64_t before = written_ + left_out_;
      const absl::Status status = Stream();
      tries = written_ + left_out_ > before ? 0 : tries + 1;
      const bool passes =
          absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
      if (!status.ok() && (!passes || tries >= kMostTries)) {
        return status;
      }
      if (!status.ok()) {
        absl::SleepFor(absl::Seconds(1 << tries));
      }
    }
    if (terminal_.progress) {
      terminal_.err << '\n';
    }
    return written_;
  }

  // 0 all, 2 some, 1 none.
  int ExitStatus() const { return left_out_ == 0 ? 0 : written_ == 0 ? 1 : 2; }

 private:
  void LeaveOut(const absl::Status& why) {
    ++left_out_;
    terminal_.err << (terminal_.progress ? "\r\033[K" : "")
                  << "left out: " << std::string(why.message()) << '\n';
  }

  // One stream from where the one before broke off.
  absl::Status Stream() {
    grpc::ClientContext call;
    Prepare(&call, kStreamTakes);
    const auto reader = stub_->ExportDevices(&call, request_);
    masa::v1::ExportDevicesResponse message;
    absl::Status written;
    while (written.ok() && reader->Read(&message)) {
      written = Write(message);
      request_.set_page_token(message.next_page_token());
      ended_ = message.next_page_token().empty();
    }
    if (!written.ok()) {
      call.TryCancel();
    }
    const absl::Status status = StatusOf(reader->Finish());
    return written.ok() ? status : written;
  }

  absl::Status Write(const masa::v1::ExportDevicesResponse& message) {
    for (const masa::v1::Device& device : message.devices()) {
      if (json_) {
        out_ << JsonOf(device) << '\n';
      } else {
        const absl::StatusOr<std::string> line = LineOf(device);
        if (!line.ok()) {
          LeaveOut(line.status());
          continue;
        }
        out_ << *line << '\n';
      }
      ++written_;
    }
    if (terminal_.progress) {
      terminal_.err << "\rexported " << written_ << std::flush;
    }
    return out_.good() ? absl::OkStatus()
                       : absl::InternalError("the output cannot be written");
  }

  const std::unique_ptr<masa::v1::DeviceService::Stub> stub_;
  masa::v1::ExportDevicesRequest request_;
  const bool json_;
  std::ostream& out_;
  Terminal terminal_;
  int64_t written_ = 0;
  int64_t left_out_ = 0;
  bool ended_ = false;
};

// Beside its place, and there whole at the end.
absl::StatusOr<int> ExportToFile(const CommonOptions& options,
                                 const masa::v1::ExportDevicesRequest& request,
                                 const std::string& out, Terminal terminal) {
  MASA_ASSIGN_OR_RETURN(const std::string path, PlaceOf(out));
  const std::string part = path + ".part";
  std::ofstream file(part, std::ios::binary | std::ios::trunc);
  if (!file.is_open()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the file cannot be written: ", part));
  }
  MASA_ASSIGN_OR_RETURN(const auto channel, Connect(options));
  Exporter exporter(channel, request, options.json, file, terminal);
  MASA_ASSIGN_OR_RETURN(const int64_t written, exporter.Run());
  file.close();
  if (!file.good() || std::rename(part.c_str(), path.c_str()) != 0) {
    return absl::InternalError(
        absl::StrCat("the file cannot be written: ", path));
  }
  terminal.err << written << " devices in " << out << '\n';
  return exporter.ExitStatus();
}

}  // namespace

absl::StatusOr<int> ExportDevices(const CommonOptions& options,
                                  const RegistryArguments& arguments,
                                  Terminal terminal) {
  masa::v1::ExportDevicesRequest request;
  request.set_organization_id(arguments.organization);
  request.set_group_id(arguments.group);
  request.set_filter(arguments.filter);
  request.set_show_deleted(arguments.deleted);
  if (!arguments.out_file.empty()) {
    return ExportToFile(options, request, arguments.out_file, terminal);
  }
  MASA_ASSIGN_OR_RETURN(const auto channel, Connect(options));
  terminal.progress = false;  // it would stand among the lines
  Exporter exporter(channel, request, options.json, terminal.out, terminal);
  MASA_RETURN_IF_ERROR(exporter.Run().status());
  return exporter.ExitStatus();
}

}  // namespace masa::masactl
