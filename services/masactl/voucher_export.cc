#include <algorithm>
#include <cctype>
#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "openssl/sha.h"
#include "proto/masa/v1/device.grpc.pb.h"
#include "proto/masa/v1/voucher.grpc.pb.h"
#include "services/masactl/commands.h"
#include "services/masactl/csv.h"
#include "services/masactl/tar_file.h"
#include "services/status/macros.h"

namespace masa::masactl {
namespace {

constexpr int kPage = 500;
constexpr size_t kLongestPlainName = 80;
constexpr char kManifest[] = "manifest.csv";

std::string Sha256Hex(const std::string& octets) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const uint8_t*>(octets.data()), octets.size(),
         reinterpret_cast<uint8_t*>(digest.data()));
  return absl::BytesToHexString(digest);
}

bool IsPlain(const std::string& name) {
  return !name.empty() && name.size() <= kLongestPlainName && name[0] != '.' &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
         });
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

  bool Ended() const { return ended_; }

  absl::StatusOr<masa::v1::ListDevicesResponse> Next() {
    masa::v1::ListDevicesResponse page;
    grpc::ClientContext call;
    Prepare(&call);
    MASA_RETURN_IF_ERROR(StatusOf(stub_->ListDevices(&call, request_, &page)));
    request_.set_page_token(page.next_page_token());
    ended_ = page.next_page_token().empty();
    return page;
  }

 private:
  const std::unique_ptr<masa::v1::DeviceService::Stub> stub_;
  masa::v1::ListDevicesRequest request_;
  bool ended_ = false;
};

// The archive while it grows.
class Export {
 public:
  Export(const masa::v1::IssueVoucherRequest& order,
         std::shared_ptr<grpc::Channel> channel, TarFile& archive,
         Terminal terminal)
      : order_(order),
        stub_(masa::v1::VoucherService::NewStub(std::move(channel))),
        archive_(archive),
        terminal_(terminal) {}

  // Reports a device that gets no voucher and goes on.
  absl::Status Add(const masa::v1::Device& device) {
    masa::v1::IssueVoucherRequest request = order_;
    request.mutable_device()->set_serial_number(device.serial_number());
    request.mutable_device()->set_idevid_issuer_ski(device.idevid_issuer_ski());
    masa::v1::IssueVoucherResponse response;
    grpc::ClientContext call;
    Prepare(&call);
    const absl::Status status =
        StatusOf(stub_->IssueVoucher(&call, request, &response));
    if (!status.ok()) {
      ++refused_;
      terminal_.err << device.serial_number() << ": "
                    << std::string(status.message()) << '\n';
      return absl::OkStatus();
    }
    return Put(device, response);
  }

  absl::Status Finish() {
    MASA_RETURN_IF_ERROR(archive_.Add(kManifest, manifest_, absl::Now()));
    return archive_.Finish();
  }

  int issued() const { return static_cast<int>(names_.size()); }
  int refused() const { return refused_; }

 private:
  absl::Status Put(const masa::v1::Device& device,
                   const masa::v1::IssueVoucherResponse& issued) {
    const std::string ending = EndingOf(order_.format());
    std::string name = absl::StrCat(device.serial_number(), ending);
    if (!IsPlain(device.serial_number()) || !names_.insert(name).second) {
      name = absl::StrCat(issued.voucher_id(), ending);
      names_.insert(name);
    }
    absl::StrAppend(
        &manifest_,
        absl::StrJoin({name, CsvField(device.serial_number()),
                       absl::BytesToHexString(device.idevid_issuer_ski()),
                       issued.voucher_id(), Sha256Hex(issued.voucher())},
                      ","),
        "\n");
    return archive_.Add(name, issued.voucher(),
                        absl::FromUnixSeconds(issued.created_on().seconds()));
  }

  const masa::v1::IssueVoucherRequest order_;
  const std::unique_ptr<masa::v1::VoucherService::Stub> stub_;
  TarFile& archive_;
  const Terminal terminal_;
  std::set<std::string> names_;
  std::string manifest_ =
      "file,serial_number,idevid_issuer,voucher_id,sha256\n";
  int refused_ = 0;
};

}  // namespace

absl::StatusOr<int> ExportVouchers(const CommonOptions& options,
                                   const std::string& organization,
                                   const IssueArguments& arguments,
                                   Terminal terminal) {
  MASA_ASSIGN_OR_RETURN(const auto order, OrderOf(arguments));
  MASA_ASSIGN_OR_RETURN(const auto channel, Connect(options));
  DevicePages pages(channel, organization);
  // Before the archive, so that a caller who may not leaves no file.
  MASA_ASSIGN_OR_RETURN(auto page, pages.Next());
  MASA_ASSIGN_OR_RETURN(const auto archive,
                        TarFile::Create(arguments.out_file));
  Export exported(order, channel, *archive, terminal);
  while (true) {
    for (const masa::v1::Device& device : page.devices()) {
      MASA_RETURN_IF_ERROR(exported.Add(device));
    }
    if (pages.Ended()) {
      break;
    }
    MASA_ASSIGN_OR_RETURN(page, pages.Next());
  }
  if (exported.issued() == 0) {
    return absl::NotFoundError(
        absl::StrCat("no device of ", organization, " got a voucher"));
  }
  MASA_RETURN_IF_ERROR(exported.Finish());
  terminal.out << exported.issued() << " vouchers are in " << arguments.out_file
               << ", " << exported.refused() << " devices were refused\n";
  return exported.refused() == 0 ? 0 : 2;
}

}  // namespace masa::masactl
