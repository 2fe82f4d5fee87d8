#include "services/transparency/receipt.h"

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "openssl/sha.h"
#include "services/merkle/merkle_tree.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::transparency {
namespace {

constexpr absl::string_view kTitle = "c2sp.org/tlog-proof@v1\n";
constexpr size_t kLongest = 1 << 20;

absl::Status NoReceipt() {
  return Refuse(Reason::kMalformed, "the text is no receipt of the audit log");
}

// Takes the line at the front, without its end; false when there is none.
bool TakeLine(absl::string_view& text, absl::string_view* line) {
  const size_t end = text.find('\n');
  if (end == absl::string_view::npos) {
    return false;
  }
  *line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return true;
}

}  // namespace

std::string EntryOf(absl::string_view salt, absl::string_view event) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, salt.data(), salt.size());
  SHA256_Update(&context, event.data(), event.size());
  SHA256_Final(reinterpret_cast<uint8_t*>(digest.data()), &context);
  return digest;
}

std::string EncodeReceipt(const Receipt& receipt) {
  std::string text = absl::StrCat(
      kTitle, "extra ",
      absl::Base64Escape(absl::StrCat(receipt.salt, receipt.event)), "\nindex ",
      receipt.index, "\n");
  for (const std::string& hash : receipt.proof) {
    absl::StrAppend(&text, absl::Base64Escape(hash), "\n");
  }
  return absl::StrCat(text, "\n", receipt.checkpoint);
}

absl::StatusOr<Receipt> ParseReceipt(absl::string_view text) {
  absl::string_view rest = text, line;
  Receipt receipt;
  std::string extra;
  if (text.size() > kLongest || !absl::ConsumePrefix(&rest, kTitle) ||
      !TakeLine(rest, &line) || !absl::ConsumePrefix(&line, "extra ") ||
      !absl::Base64Unescape(line, &extra) || extra.size() < kSaltOctets ||
      !TakeLine(rest, &line) || !absl::ConsumePrefix(&line, "index ") ||
      !absl::SimpleAtoi(line, &receipt.index)) {
    return NoReceipt();
  }
  receipt.salt = extra.substr(0, kSaltOctets);
  receipt.event = extra.substr(kSaltOctets);
  while (TakeLine(rest, &line) && !line.empty()) {
    if (!absl::Base64Unescape(line, &receipt.proof.emplace_back()) ||
        receipt.proof.back().size() != SHA256_DIGEST_LENGTH) {
      return NoReceipt();
    }
  }
  receipt.checkpoint = std::string(rest);
  // What is not written again as it stands here is no receipt.
  return EncodeReceipt(receipt) == text ? absl::StatusOr<Receipt>(receipt)
                                        : NoReceipt();
}

absl::StatusOr<wire::Checkpoint> VerifyReceipt(const Receipt& receipt,
                                               const NoteKey& key) {
  MASA_ASSIGN_OR_RETURN(wire::Checkpoint checkpoint,
                        OpenCheckpoint(receipt.checkpoint, key));
  if (!merkle::VerifyInclusion(
          merkle::LeafHash(EntryOf(receipt.salt, receipt.event)), receipt.index,
          checkpoint.size, receipt.proof, checkpoint.root)) {
    return Refuse(Reason::kSignatureInvalid,
                  absl::StrCat("the event is not number ", receipt.index,
                               " of the log that the checkpoint is of"));
  }
  return checkpoint;
}

}  // namespace masa::transparency
