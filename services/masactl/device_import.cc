#include <fstream>

#include "absl/strings/str_cat.h"
#include "proto/masa/v1/device.grpc.pb.h"
#include "services/masactl/commands.h"
#include "services/masactl/csv.h"
#include "services/masactl/device_rows.h"
#include "services/status/macros.h"

namespace masa::masactl {
namespace {

constexpr int kBatch = 500;

// Sends devices in batches and keeps count.
class Importer {
 public:
  Importer(const std::shared_ptr<grpc::Channel>& channel,
           masa::v1::ImportDevicesRequest::OnConflict on_conflict,
           Terminal terminal)
      : stub_(masa::v1::DeviceService::NewStub(channel)),
        on_conflict_(on_conflict),
        terminal_(terminal) {}

  absl::Status Add(int line, masa::v1::Device device) {
    *request_.add_devices() = std::move(device);
    lines_.push_back(line);
    return request_.devices_size() < kBatch ? absl::OkStatus() : Flush();
  }

  void Reject(int line, absl::string_view why) {
    ++failed_;
    if (terminal_.progress) {
      terminal_.err << '\r';
    }
    terminal_.err << "line " << line << ": " << std::string(why) << '\n';
  }

  absl::Status Flush() {
    if (lines_.empty()) {
      return absl::OkStatus();
    }
    grpc::ClientContext call;
    Prepare(&call);
    request_.set_on_conflict(on_conflict_);
    masa::v1::ImportDevicesResponse response;
    MASA_RETURN_IF_ERROR(
        StatusOf(stub_->ImportDevices(&call, request_, &response)));
    for (int i = 0; i < response.outcomes_size(); ++i) {
      const masa::v1::ItemOutcome& outcome = response.outcomes(i);
      if (!outcome.reason().empty()) {
        Reject(lines_[i],
               absl::StrCat(outcome.reason(), ": ", outcome.message()));
      }
    }
    total_.set_created(total_.created() + response.created());
    total_.set_skipped(total_.skipped() + response.skipped());
    total_.set_updated(total_.updated() + response.updated());
    request_.Clear();
    lines_.clear();
    if (terminal_.progress) {
      terminal_.err << "\rimported " << Taken() << ", refused " << failed_
                    << std::flush;
    }
    return absl::OkStatus();
  }

  // The totals, for the caller to print; ends the progress line.
  masa::v1::ImportDevicesResponse Total() {
    if (terminal_.progress) {
      terminal_.err << '\n';
    }
    total_.set_failed(failed_);
    return total_;
  }

  int ExitStatus() const { return failed_ == 0 ? 0 : Taken() == 0 ? 1 : 2; }

 private:
  int64_t Taken() const {
    return total_.created() + total_.skipped() + total_.updated();
  }

  std::unique_ptr<masa::v1::DeviceService::Stub> stub_;
  const masa::v1::ImportDevicesRequest::OnConflict on_conflict_;
  Terminal terminal_;
  masa::v1::ImportDevicesRequest request_;
  std::vector<int> lines_;
  masa::v1::ImportDevicesResponse total_;
  int64_t failed_ = 0;
};

masa::v1::ImportDevicesRequest::OnConflict ConflictNamed(
    const std::string& name) {
  return name == "skip"     ? masa::v1::ImportDevicesRequest::ON_CONFLICT_SKIP
         : name == "update" ? masa::v1::ImportDevicesRequest::ON_CONFLICT_UPDATE
                            : masa::v1::ImportDevicesRequest::ON_CONFLICT_FAIL;
}

}  // namespace

absl::StatusOr<int> ImportDevices(const CommonOptions& options,
                                  const ImportArguments& arguments,
                                  Terminal terminal) {
  std::ifstream file(arguments.file, std::ios::binary);
  if (!file.is_open()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the file cannot be read: ", arguments.file));
  }
  MASA_ASSIGN_OR_RETURN(const auto channel, Connect(options));
  CsvReader reader(file);
  MASA_ASSIGN_OR_RETURN(const CsvRecord header, reader.Next());
  MASA_ASSIGN_OR_RETURN(const DeviceColumns columns,
                        DeviceColumns::Create(header.fields));
  Importer importer(channel, ConflictNamed(arguments.on_conflict), terminal);
  for (;;) {
    MASA_ASSIGN_OR_RETURN(const CsvRecord record, reader.Next());
    if (record.fields.empty()) {
      break;
    }
    auto device = columns.Read(record.fields);
    if (device.ok()) {
      MASA_RETURN_IF_ERROR(importer.Add(record.line, *std::move(device)));
    } else {
      importer.Reject(record.line, device.status().message());
    }
  }
  MASA_RETURN_IF_ERROR(importer.Flush());
  const auto total = importer.Total();
  if (options.json) {
    terminal.out << JsonOf(total) << '\n';
  } else {
    terminal.out << total.created() << " created, " << total.updated()
                 << " updated, " << total.skipped() << " skipped, "
                 << total.failed() << " refused\n";
  }
  return importer.ExitStatus();
}

}  // namespace masa::masactl
