#include <memory>
#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "openssl/sha.h"
#include "proto/masa/v1/device.grpc.pb.h"
#include "proto/masa/v1/voucher.grpc.pb.h"
#include "services/masactl/csv.h"
#include "services/masactl/phrases.h"
#include "services/masactl/shown.h"
#include "services/masactl/tar_file.h"
#include "services/masactl/voucher_commands.h"
#include "services/masactl/voucher_names.h"
#include "services/masactl/voucher_orders.h"
#include "services/status/macros.h"

namespace masa::masactl {
namespace {

constexpr int kPage = 500;
constexpr char kManifest[] = "manifest.csv";

std::string Sha256Hex(const std::string& octets) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const uint8_t*>(octets.data()), octets.size(),
         reinterpret_cast<uint8_t*>(digest.data()));
  return absl::BytesToHexString(digest);
}

// The devices of `organization`, a page at a time.
class DevicePages {
 public:
  DevicePages(std::shared_ptr<grpc::Channel> channel,
              const std::string& organization)
      : stub_(masa::v1::DeviceService::NewStub(std::move(channel))) {
    request_.set_organization_id(organization);
    request_.set_page_size(kPage);
  }

  // The first page, or the next one.
  absl::Status Turn() {
    page_.Clear();
    at_ = 0;
    grpc::ClientContext call;
    Prepare(&call);
    MASA_RETURN_IF_ERROR(StatusOf(stub_->ListDevices(&call, request_, &page_)));
    request_.set_page_token(page_.next_page_token());
    return absl::OkStatus();
  }

  // None at the end.
  absl::StatusOr<std::optional<masa::v1::DeviceKey>> Next() {
    while (at_ == page_.devices_size()) {
      if (page_.next_page_token().empty()) {
        return std::optional<masa::v1::DeviceKey>();
      }
      MASA_RETURN_IF_ERROR(Turn());
    }
    const masa::v1::Device& device = page_.devices(at_++);
    masa::v1::DeviceKey key;
    key.set_serial_number(device.serial_number());
    key.set_idevid_issuer_ski(device.idevid_issuer_ski());
    return std::optional<masa::v1::DeviceKey>(std::move(key));
  }

 private:
  const std::unique_ptr<masa::v1::DeviceService::Stub> stub_;
  masa::v1::ListDevicesRequest request_;
  masa::v1::ListDevicesResponse page_;
  int at_ = 0;
};

// The archive while it grows.
class Export {
 public:
  Export(const std::string& ending, TarFile& archive, Terminal terminal)
      : names_(ending), archive_(archive), terminal_(terminal) {}

  // Reports a device that gets no voucher and goes on.
  absl::Status Take(
      const masa::v1::DeviceKey& device,
      const absl::StatusOr<masa::v1::IssueVoucherResponse>& voucher) {
    if (!voucher.ok()) {
      ++refused_;
      terminal_.err << Shown(device.serial_number()) << ": "
                    << std::string(voucher.status().message()) << '\n';
      return absl::OkStatus();
    }
    ++issued_;
    const std::string name =
        names_.NameOf(device.serial_number(), voucher->voucher_id());
    absl::StrAppend(
        &manifest_,
        absl::StrJoin({name, CsvField(device.serial_number()),
                       absl::BytesToHexString(device.idevid_issuer_ski()),
                       voucher->voucher_id(), Sha256Hex(voucher->voucher())},
                      ","),
        "\n");
    return archive_.Add(name, voucher->voucher(),
                        absl::FromUnixSeconds(voucher->created_on().seconds()));
  }

  absl::Status Finish() {
    MASA_RETURN_IF_ERROR(archive_.Add(kManifest, manifest_, absl::Now()));
    return archive_.Finish();
  }

  int issued() const { return issued_; }
  int refused() const { return refused_; }

 private:
  VoucherNames names_;
  TarFile& archive_;
  const Terminal terminal_;
  std::string manifest_ =
      "file,serial_number,idevid_issuer,voucher_id,sha256\n";
  int issued_ = 0;
  int refused_ = 0;
};

}  // namespace

absl::StatusOr<int> ExportVouchers(const CommonOptions& options,
                                   const std::string& organization,
                                   const IssueArguments& arguments,
                                   Terminal terminal) {
  MASA_RETURN_IF_ERROR(CheckEnd(arguments));
  MASA_ASSIGN_OR_RETURN(const auto order, OrderOf(arguments));
  MASA_ASSIGN_OR_RETURN(const auto channel, Connect(options));
  DevicePages pages(channel, organization);
  // Before the archive, so that a caller who may not leaves no file.
  MASA_RETURN_IF_ERROR(pages.Turn());
  MASA_ASSIGN_OR_RETURN(const auto archive,
                        TarFile::Create(arguments.out_file));
  Export exported(EndingOf(order.format()), *archive, terminal);
  VoucherOrders orders(order, channel);
  MASA_RETURN_IF_ERROR(
      orders.Run([&pages] { return pages.Next(); },
                 [&exported](const auto& device, const auto& voucher) {
                   return exported.Take(device, voucher);
                 }));
  if (exported.issued() == 0) {
    return absl::NotFoundError(
        absl::StrCat("no device of ", organization, " got a voucher"));
  }
  MASA_RETURN_IF_ERROR(exported.Finish());
  if (options.json) {
    terminal.out << "{\"vouchers\":" << exported.issued()
                 << ",\"refused\":" << exported.refused() << "}\n";
  } else {
    terminal.out << Counted(exported.issued(), "voucher is", "vouchers are")
                 << " in " << arguments.out_file << ", "
                 << Counted(exported.refused(), "device was", "devices were")
                 << " refused\n";
  }
  return exported.refused() == 0 ? 0 : 2;
}

}  // namespace masa::masactl
