#include "services/masactl/escrow/bundle_check.h"

#include <algorithm>
#include <fstream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "openssl/sha.h"
#include "services/masactl/escrow/bundle_parts.h"
#include "services/status/macros.h"
#include "services/wire/tar_header.h"
#include "services/wire/uuid_text.h"
#include "services/wire/voucher_manifest.h"

namespace masa::masactl {
namespace {

constexpr int64_t kLargestPart = 1 << 24;
constexpr size_t kPiece = 1 << 16;

absl::Status No(const std::string& why) {
  return absl::InvalidArgumentError(why);
}

// The files of a bundle, each read from front to back, and beside them the
// lines of devices.json.
class Checker {
 public:
  Checker(const std::string& path, const BundleTrust& trust,
          const Verifier& verifier)
      : path_(path),
        trust_(trust),
        verifier_(verifier),
        files_(path, std::ios::binary),
        lines_(path, std::ios::binary) {}

  absl::StatusOr<CheckedBundle> Run(
      const std::function<void(int64_t, int64_t)>& progress) {
    if (!files_.is_open()) {
      return absl::NotFoundError(
          absl::StrCat("the bundle cannot be read: ", path_));
    }
    MASA_RETURN_IF_ERROR(ReadManifest());
    MASA_RETURN_IF_ERROR(Next(wire::kEscrowVerifier).status());
    MASA_RETURN_IF_ERROR(FindDevices());
    const int64_t all = manifest().issued + manifest().refused;
    std::string line;
    std::getline(lines_, line);  // the head
    while (std::getline(lines_, line) && line != "]}") {
      if (!line.empty()) {
        MASA_RETURN_IF_ERROR(CheckLine(line));
        progress(issued_ + refused_, all);
      }
    }
    if (issued_ != manifest().issued || refused_ != manifest().refused) {
      return No("devices.json has not as many devices as the manifest");
    }
    MASA_RETURN_IF_ERROR(CheckEnd());
    return checked_;
  }

 private:
  const wire::EscrowManifest& manifest() const { return checked_.manifest; }

  // The header of the next file, which has this name.
  absl::StatusOr<int64_t> NextSize(const std::string& name) {
    std::string header(wire::kTarBlock, '\0');
    files_.seekg(at_);
    const auto entry = files_.read(header.data(), wire::kTarBlock)
                           ? wire::ParseTarHeader(header)
                           : std::nullopt;
    if (at_ == 0 && (!entry || entry->name != name)) {
      return No(absl::StrCat(
          "it is no bundle, which is a tar that begins with ", name));
    }
    if (!entry || entry->name != name) {
      return No(absl::StrCat("where ", name, " belongs is ",
                             entry ? entry->name : "nothing"));
    }
    at_ += wire::TarSpan(entry->octets);
    return entry->octets;
  }

  absl::StatusOr<std::string> Next(const std::string& name) {
    MASA_ASSIGN_OR_RETURN(const int64_t size, NextSize(name));
    if (size > kLargestPart) {
      return No(absl::StrCat(name, " is too large"));
    }
    std::string octets(static_cast<size_t>(size), '\0');
    if (!files_.read(octets.data(), size)) {
      return No(absl::StrCat(name, " ends too early"));
    }
    return octets;
  }

  absl::Status ReadManifest() {
    MASA_ASSIGN_OR_RETURN(const std::string text, Next(wire::kEscrowManifest));
    MASA_ASSIGN_OR_RETURN(const std::string signature,
                          Next(wire::kEscrowSignature));
    MASA_ASSIGN_OR_RETURN(const std::string chain, Next(wire::kEscrowChain));
    MASA_ASSIGN_OR_RETURN(
        checked_.manifest,
        CheckManifest(text, signature, chain, trust_.anchor_der, verifier_));
    if (!trust_.voucher_anchor_der.empty()) {
      checked_.manifest.voucher_anchors = {trust_.voucher_anchor_der};
    }
    return absl::OkStatus();
  }

  absl::Status FindDevices() {
    MASA_ASSIGN_OR_RETURN(int64_t left, NextSize(wire::kEscrowDevices));
    lines_.seekg(files_.tellg());
    SHA256_CTX context;
    SHA256_Init(&context);
    std::vector<char> piece(kPiece);
    while (left > 0) {
      const auto size = static_cast<std::streamsize>(
          std::min<int64_t>(left, static_cast<int64_t>(piece.size())));
      if (!files_.read(piece.data(), size)) {
        return No("devices.json ends too early");
      }
      SHA256_Update(&context, piece.data(), static_cast<size_t>(size));
      left -= size;
    }
    std::string digest(SHA256_DIGEST_LENGTH, '\0');
    SHA256_Final(reinterpret_cast<uint8_t*>(digest.data()), &context);
    return digest == manifest().devices_sha256
               ? absl::OkStatus()
               : No("devices.json is not the one of the manifest");
  }

  absl::Status CheckLine(const std::string& text) {
    const auto line = wire::ParseManifestEntry(text);
    if (!line.ok()) {
      return No("a line of devices.json is no device");
    }
    if (!line->reason.empty()) {
      ++refused_;
      return absl::OkStatus();
    }
    ++issued_;
    const std::string id = wire::UuidTextOf(line->voucher_id);
    MASA_ASSIGN_OR_RETURN(const std::string voucher, Next(line->file));
    MASA_ASSIGN_OR_RETURN(
        const auto end,
        CheckVoucher(voucher, *line, manifest(), trust_.now, verifier_));
    if (end && (!checked_.first_end || *end < *checked_.first_end)) {
      checked_.first_end = end;
    }
    MASA_ASSIGN_OR_RETURN(
        const std::string receipt,
        Next(absl::StrCat(wire::kEscrowReceipts, id, wire::kReceiptEnding)));
    MASA_RETURN_IF_ERROR(CheckReceipt(receipt, *line, manifest()));
    MASA_ASSIGN_OR_RETURN(
        const std::string history,
        Next(absl::StrCat(wire::kEscrowHistories, id, wire::kHistoryEnding)));
    return CheckHistory(history, *line, manifest(), trust_.now, verifier_);
  }

  absl::Status CheckEnd() {
    std::string end(wire::kTarEnd, 'x');
    files_.seekg(at_);
    return files_.read(end.data(), wire::kTarEnd) &&
                   end == std::string(wire::kTarEnd, '\0')
               ? absl::OkStatus()
               : No("behind the last device's files is something else");
  }

  const std::string& path_;
  const BundleTrust& trust_;
  const Verifier& verifier_;
  std::ifstream files_;
  std::ifstream lines_;
  int64_t at_ = 0;  // of the next file
  int64_t issued_ = 0;
  int64_t refused_ = 0;
  CheckedBundle checked_;
};

}  // namespace

absl::StatusOr<CheckedBundle> CheckBundle(
    const std::string& path, const BundleTrust& trust, const Verifier& verifier,
    const std::function<void(int64_t done, int64_t all)>& progress) {
  return Checker(path, trust, verifier).Run(progress);
}

}  // namespace masa::masactl
