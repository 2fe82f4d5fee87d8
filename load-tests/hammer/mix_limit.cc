#include "load-tests/hammer/mix_limit.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace masa::hammer {
namespace {

std::string NameOf(const Work& work) {
  return absl::StrCat(Work::Kind_Name(work.kind()),
                      work.format().empty() ? "" : " ", work.format());
}

}  // namespace

Limit MixLimit(const std::vector<WorkLimit>& works) {
  if (works.size() == 1) {
    return works.front().limit;
  }
  int64_t all = 0;
  for (const WorkLimit& one : works) {
    all += one.items;
  }
  Limit mixed;
  for (const WorkLimit& one : works) {
    if (one.items == 0) {
      continue;
    }
    if (one.limit.empty()) {
      return {};
    }
    const double share =
        static_cast<double>(one.items) / static_cast<double>(all);
    for (const Part& part : one.limit) {
      mixed.push_back({absl::StrFormat("%.1f %% of items, %s: %s", share * 100,
                                       NameOf(one.work), part.what),
                       part.microseconds * share});
    }
  }
  return mixed;
}

}  // namespace masa::hammer
