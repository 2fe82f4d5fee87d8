// The archive of an ended voucher job, piece by piece: each batch has its files
// at one place and its lines of the manifest at another, so that any octet of
// it is made from one batch. The same octets each time. Pure.
//
//   files of batch 0, 1, ... | header of manifest.json, head of the manifest |
//   lines of batch 0, 1, ... | tail of the manifest, padding, end of the tar
#ifndef SERVICES_ISSUANCE_VOUCHER_ARCHIVE_H_
#define SERVICES_ISSUANCE_VOUCHER_ARCHIVE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "proto/masa/v1/policy.pb.h"
#include "storage/voucher_job_store.h"

namespace masa::issuance {

// What the files of a batch take, and its lines; `is_first`: no line is before
// them.
int64_t FileOctets(const storage::VoucherJobItems& items);
std::string ManifestLines(const storage::VoucherJobItems& items,
                          masa::v1::Format format, bool is_first);

// The files of a batch; `vouchers` are those of its issued items, in order, of
// the sizes that the items say.
std::string FilesOf(const storage::VoucherJobItems& items,
                    absl::Span<const std::string> vouchers,
                    masa::v1::Format format);

// Around the lines.
std::string ManifestPrefix(const storage::VoucherJob& job);
std::string ManifestSuffix(const storage::VoucherJob& job);

// Of manifest.json, whose header is the prefix's first block.
int64_t ManifestOctets(const storage::VoucherJob& job);

// Of the whole archive of an ended job.
int64_t ArchiveOctets(const storage::VoucherJob& job);

// Has the item a file?
inline bool IsIssued(const storage::VoucherJobItem& item) {
  return item.reason().empty();
}

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_VOUCHER_ARCHIVE_H_
