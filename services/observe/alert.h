// What an operator should look into although nothing failed (requirements
// SE-14). Refusals are told by their reasons.
#ifndef SERVICES_OBSERVE_ALERT_H_
#define SERVICES_OBSERVE_ALERT_H_

namespace masa {

enum class Alert {
  // One pledge's request came in another domain's as well (RV-25, SE-13).
  kPriorReused = 1,
  // A device that another domain claimed before.
  kClaimedByAnotherDomain = 2,
};

// The label of a metric and the word in a log line.
inline const char* NameOf(Alert alert) {
  return alert == Alert::kPriorReused ? "prior_reused"
                                      : "claimed_by_another_domain";
}

}  // namespace masa

#endif  // SERVICES_OBSERVE_ALERT_H_
