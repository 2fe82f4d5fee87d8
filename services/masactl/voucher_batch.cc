// `masactl voucher issue` for many devices: a file each, in a folder.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "services/masactl/phrases.h"
#include "services/masactl/shown.h"
#include "services/masactl/voucher_commands.h"
#include "services/masactl/voucher_names.h"
#include "services/masactl/voucher_orders.h"
#include "services/status/macros.h"
#include "services/wire/utf8.h"

namespace masa::masactl {
namespace {

namespace fs = std::filesystem;

// Those of the file first, each once.
absl::StatusOr<std::vector<std::string>> SerialsOf(
    const IssueArguments& arguments) {
  std::vector<std::string> given;
  if (!arguments.serials_file.empty()) {
    MASA_ASSIGN_OR_RETURN(const std::string text,
                          ReadText(arguments.serials_file));
    for (absl::string_view line : absl::StrSplit(text, '\n')) {
      line = absl::StripSuffix(line, "\r");
      if (!wire::IsUtf8(line)) {
        return absl::InvalidArgumentError(absl::StrCat(
            arguments.serials_file,
            " is not UTF-8, as which it has to be saved: ", Shown(line)));
      }
      if (!line.empty()) {
        given.emplace_back(line);
      }
    }
  }
  given.insert(given.end(), arguments.serials.begin(), arguments.serials.end());
  std::vector<std::string> serials = EachOnce(given);
  if (serials.empty()) {
    return absl::InvalidArgumentError(
        arguments.serials_file.empty()
            ? "give --serial, or a file with --serials"
            : absl::StrCat("no serial number is in ", arguments.serials_file));
  }
  return serials;
}

absl::Status NoneIssued(absl::string_view why, const std::string& path) {
  return absl::InvalidArgumentError(
      absl::StrCat(why, ", so no voucher was issued: ", path));
}

// Whether a file can be made in it: rights alone do not say so.
bool TakesFiles(const std::string& folder) {
  std::string probe = (fs::path(folder) / ".masactl-XXXXXX").string();
  const int file = mkstemp(probe.data());
  if (file < 0) {
    return false;
  }
  close(file);
  return unlink(probe.c_str()) == 0;
}

// What can be known of the files before there is a voucher for one.
absl::Status CheckPlaces(const std::string& folder, const std::string& ending,
                         const std::vector<std::string>& serials) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    return NoneIssued("--out is no folder, and many vouchers go into one",
                      folder);
  }
  if (!TakesFiles(folder)) {
    return NoneIssued("no file can be made in the folder --out", folder);
  }
  for (const std::string& serial : serials) {
    const fs::path file = fs::path(folder) / (serial + ending);
    if (VoucherNames::IsPlain(serial) && fs::exists(file, error) &&
        (!fs::is_regular_file(file, error) ||
         access(file.c_str(), W_OK) != 0)) {
      return NoneIssued("this is in a voucher's place and cannot be replaced",
                        file.string());
    }
  }
  return absl::OkStatus();
}

// The folder while it fills.
class Folder {
 public:
  Folder(std::string path, const std::string& ending, size_t expected,
         Terminal terminal)
      : path_(std::move(path)),
        names_(ending),
        expected_(expected),
        terminal_(terminal) {}

  absl::Status Take(
      const masa::v1::DeviceKey& device,
      const absl::StatusOr<masa::v1::IssueVoucherResponse>& voucher) {
    if (voucher.ok()) {
      MASA_RETURN_IF_ERROR(Write(device, *voucher));
      ++issued_;
    } else {
      ++refused_;
      Clear();
      terminal_.err << Shown(device.serial_number()) << ": "
                    << std::string(voucher.status().message()) << '\n';
    }
    ShowProgress();
    return absl::OkStatus();
  }

  void Finish() const {
    if (terminal_.progress) {
      terminal_.err << '\n';
    }
  }

  size_t issued() const { return issued_; }
  size_t refused() const { return refused_; }

 private:
  absl::Status Write(const masa::v1::DeviceKey& device,
                     const masa::v1::IssueVoucherResponse& voucher) {
    const fs::path file =
        fs::path(path_) /
        names_.NameOf(device.serial_number(), voucher.voucher_id());
    std::ofstream out(file, std::ios::binary);
    out << voucher.voucher();
    out.close();
    return out ? absl::OkStatus()
               : absl::InvalidArgumentError(absl::StrCat(
                     "voucher ", voucher.voucher_id(), " of ",
                     device.serial_number(),
                     " was issued but cannot be written to ", file.string()));
  }

  void Clear() const {
    if (terminal_.progress) {
      terminal_.err << "\r\033[K";
    }
  }

  void ShowProgress() const {
    if (!terminal_.progress) {
      return;
    }
    constexpr size_t kWidth = 30;
    const size_t full = kWidth * (issued_ + refused_) / expected_;
    Clear();
    terminal_.err << '[' << std::string(full, '#')
                  << std::string(kWidth - full, ' ') << "] issued " << issued_
                  << ", refused " << refused_ << std::flush;
  }

  const std::string path_;
  VoucherNames names_;
  const size_t expected_;
  const Terminal terminal_;
  size_t issued_ = 0;
  size_t refused_ = 0;
};

void TellFolder(const CommonOptions& options, const std::string& path,
                const Folder& folder, Terminal terminal) {
  const auto issued = static_cast<int64_t>(folder.issued());
  const auto refused = static_cast<int64_t>(folder.refused());
  terminal.out << (options.json
                       ? absl::StrCat("{\"vouchers\":", issued,
                                      ",\"refused\":", refused, "}\n")
                       : absl::StrCat(
                             Counted(issued, "voucher is", "vouchers are"),
                             " in ", path, ", ",
                             Counted(refused, "device was", "devices were"),
                             " refused\n"));
}

}  // namespace

absl::StatusOr<int> IssueVouchers(const CommonOptions& options,
                                  const IssueArguments& arguments,
                                  Terminal terminal) {
  if (!arguments.nonce.empty()) {
    return absl::InvalidArgumentError("--nonce is for one device alone");
  }
  MASA_RETURN_IF_ERROR(CheckEnd(arguments));
  MASA_ASSIGN_OR_RETURN(const auto order, OrderOf(arguments));
  MASA_ASSIGN_OR_RETURN(const auto serials, SerialsOf(arguments));
  const std::string ending = EndingOf(order.format());
  MASA_RETURN_IF_ERROR(CheckPlaces(arguments.out_file, ending, serials));
  MASA_ASSIGN_OR_RETURN(const auto channel, Connect(options));
  Folder folder(arguments.out_file, ending, serials.size(), terminal);
  VoucherOrders orders(order, channel);
  auto at = serials.begin();
  const absl::Status status = orders.Run(
      [&]() -> absl::StatusOr<std::optional<masa::v1::DeviceKey>> {
        if (at == serials.end()) {
          return std::optional<masa::v1::DeviceKey>();
        }
        MASA_ASSIGN_OR_RETURN(auto key, KeyOf(options, *at++));
        return std::optional<masa::v1::DeviceKey>(std::move(key));
      },
      [&](const auto& device, const auto& voucher) {
        return folder.Take(device, voucher);
      });
  folder.Finish();
  MASA_RETURN_IF_ERROR(status);
  TellFolder(options, arguments.out_file, folder, terminal);
  return folder.refused() == 0 ? 0 : folder.issued() == 0 ? 1 : 2;
}

}  // namespace masa::masactl
