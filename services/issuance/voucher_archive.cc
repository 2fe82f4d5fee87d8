#include "services/issuance/voucher_archive.h"

#include "absl/strings/strip.h"
#include "services/wire/tar_header.h"
#include "services/wire/voucher_manifest.h"

namespace masa::issuance {
namespace {

wire::ManifestEntry EntryOf(const storage::VoucherJobItem& item,
                            masa::v1::Format format) {
  wire::ManifestEntry entry;
  entry.serial_number = item.serial_number();
  if (item.has_idevid_issuer()) {
    entry.idevid_issuer = item.idevid_issuer();
  }
  if (!IsIssued(item)) {
    entry.reason = item.reason();
    entry.message = item.message();
    return entry;
  }
  entry.voucher_id = item.voucher_id();
  entry.octets = item.octets();
  entry.sha256 = item.sha256();
  entry.file = wire::VoucherFileName(entry, format);
  return entry;
}

std::string HeadOf(const storage::VoucherJob& job) {
  return wire::EncodeManifestHead(
      {job.job_id(),
       std::string(
           absl::StripPrefix(storage::v1::VoucherJobState_Name(job.state()),
                             "VOUCHER_JOB_STATE_")),
       job.issued(), job.refused(), absl::FromUnixMicros(job.ended_at())});
}

}  // namespace

int64_t FileOctets(const storage::VoucherJobItems& items) {
  int64_t octets = 0;
  for (const storage::VoucherJobItem& item : items.items()) {
    octets += IsIssued(item) ? wire::TarSpan(item.octets()) : 0;
  }
  return octets;
}

std::string ManifestLines(const storage::VoucherJobItems& items,
                          masa::v1::Format format, bool is_first) {
  std::string lines;
  for (const storage::VoucherJobItem& item : items.items()) {
    if (!is_first || !lines.empty()) {
      lines += wire::kManifestSeparator;
    }
    lines += wire::EncodeManifestEntry(EntryOf(item, format));
  }
  return lines;
}

std::string FilesOf(const storage::VoucherJobItems& items,
                    absl::Span<const std::string> vouchers,
                    masa::v1::Format format) {
  std::string files;
  files.reserve(static_cast<size_t>(FileOctets(items)));
  auto voucher = vouchers.begin();
  for (const storage::VoucherJobItem& item : items.items()) {
    if (IsIssued(item)) {
      files += wire::TarHeader(EntryOf(item, format).file, item.octets(),
                               absl::FromUnixSeconds(item.created_on()));
      files += *voucher++;
      files.append(static_cast<size_t>(wire::TarPadding(item.octets())), '\0');
    }
  }
  return files;
}

int64_t ManifestOctets(const storage::VoucherJob& job) {
  return static_cast<int64_t>(HeadOf(job).size() +
                              wire::ManifestTail().size()) +
         job.manifest_octets();
}

std::string ManifestPrefix(const storage::VoucherJob& job) {
  return wire::TarHeader(wire::kManifestName, ManifestOctets(job),
                         absl::FromUnixMicros(job.ended_at())) +
         HeadOf(job);
}

std::string ManifestSuffix(const storage::VoucherJob& job) {
  return wire::ManifestTail() +
         std::string(static_cast<size_t>(wire::TarPadding(ManifestOctets(job)) +
                                         wire::kTarEnd),
                     '\0');
}

int64_t ArchiveOctets(const storage::VoucherJob& job) {
  return job.file_octets() + wire::TarSpan(ManifestOctets(job)) + wire::kTarEnd;
}

}  // namespace masa::issuance
