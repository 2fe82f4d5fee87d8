#include "services/issuance/transfer_memo.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/status/reason.h"

namespace masa::issuance {

std::string EncodeMemo(const TransferMemo& memo) {
  std::string text = absl::BytesToHexString(memo.transfer_id);
  for (const absl::Status& outcome : memo.outcomes) {
    absl::StrAppend(&text, "\n");
    if (!outcome.ok()) {
      absl::StrAppend(&text, InfoOf(ReasonOf(outcome)).name, " ",
                      PublicMessage(outcome));
    }
  }
  return text;
}

TransferMemo ParseMemo(const std::string& text) {
  const std::vector<std::string> lines = absl::StrSplit(text, '\n');
  TransferMemo memo;
  memo.transfer_id = absl::HexStringToBytes(lines.front());
  for (size_t i = 1; i < lines.size(); ++i) {
    const std::pair<std::string, std::string> words =
        absl::StrSplit(lines[i], absl::MaxSplits(' ', 1));
    memo.outcomes.push_back(
        lines[i].empty() ? absl::OkStatus()
                         : Refuse(ReasonNamed(words.first), words.second));
  }
  return memo;
}

}  // namespace masa::issuance
