#include "services/status/field_faults.h"

#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace masa {
namespace {

constexpr absl::string_view kPayloadUrl = "masa.v1/fields";
// Neither stands in a field's name or in what is said of it.
constexpr char kBetweenFaults[] = "\n";
constexpr char kWithinFault[] = "\t";

void Attach(const std::vector<FieldFault>& faults, absl::Status* status) {
  std::vector<std::string> lines;
  for (const FieldFault& fault : faults) {
    lines.push_back(absl::StrCat(fault.field, kWithinFault, fault.description));
  }
  status->SetPayload(kPayloadUrl,
                     absl::Cord(absl::StrJoin(lines, kBetweenFaults)));
}

}  // namespace

absl::Status RefuseFields(Reason reason,
                          const std::vector<FieldFault>& faults) {
  std::vector<std::string> said;
  for (const FieldFault& fault : faults) {
    said.push_back(absl::StrCat(fault.field, " ", fault.description));
  }
  absl::Status status = Refuse(reason, absl::StrJoin(said, "; "));
  Attach(faults, &status);
  return status;
}

absl::Status AtField(const absl::Status& status, const std::string& field) {
  if (status.ok() || ReasonOf(status) == Reason::kInternal) {
    return status;
  }
  absl::Status with = status;
  Attach({{field, std::string(status.message())}}, &with);
  return with;
}

std::vector<FieldFault> FieldFaultsOf(const absl::Status& status) {
  std::vector<FieldFault> faults;
  const auto payload = status.GetPayload(kPayloadUrl);
  if (!payload) {
    return faults;
  }
  for (const std::string& line : std::vector<std::string>(
           absl::StrSplit(std::string(*payload), kBetweenFaults))) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(line, absl::MaxSplits(kWithinFault, 1));
    faults.push_back({parts.first, parts.second});
  }
  return faults;
}

absl::Status Recode(const absl::Status& status, absl::StatusCode code) {
  absl::Status recoded(code, status.message());
  status.ForEachPayload(
      [&recoded](absl::string_view url, const absl::Cord& payload) {
        recoded.SetPayload(url, payload);
      });
  return recoded;
}

absl::Status FieldChecker::Finish() const {
  return faults_.empty() ? absl::OkStatus()
                         : RefuseFields(Reason::kInvalidArgument, faults_);
}

}  // namespace masa
