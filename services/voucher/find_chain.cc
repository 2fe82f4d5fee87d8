#include "services/voucher/find_chain.h"

#include <algorithm>

#include "services/status/reason.h"

namespace masa::voucher {
namespace {

using wire::Certificate;

// A way up: leaf first.
using Path = std::vector<const Certificate*>;

// As far as names and key identifiers tell; the verifier has the last word.
bool Issued(const Certificate& issuer, const Certificate& subject) {
  if (issuer->subject_der != subject->issuer_der) {
    return false;
  }
  return !issuer->subject_key_id || !subject->authority_key_id ||
         *issuer->subject_key_id == *subject->authority_key_id;
}

// All ways up from a leaf, likeliest first.
class Climb {
 public:
  // `anchor` may be null: then each way ends where nobody is above.
  Climb(const std::vector<Certificate>& enclosed, const Certificate* anchor,
        size_t most)
      : anchor_(anchor), most_(most) {
    for (const Certificate& one : enclosed) {
      // Nothing but a CA can stand above.
      if (one->is_ca) {
        Add(one);
      }
    }
    if (anchor != nullptr) {
      Add(*anchor);
    }
  }

  std::vector<Path> From(const Certificate& leaf) {
    path_ = {&leaf};
    Up();
    return std::move(found_);
  }

  const Path& authorities() const { return authorities_; }

 private:
  void Add(const Certificate& one) {
    if (!Has(authorities_, one)) {
      authorities_.push_back(&one);
    }
  }

  static bool Has(const Path& path, const Certificate& one) {
    return std::any_of(path.begin(), path.end(), [&](const Certificate* other) {
      return (*other)->der == one->der;
    });
  }

  // Whoever could have issued itself is a root.
  bool Ends(const Certificate& one) const {
    return anchor_ != nullptr ? one->der == (*anchor_)->der
                              : one->is_ca && Issued(one, one);
  }

  bool GoesOn(const Certificate& one) const {
    return std::any_of(
        authorities_.begin(), authorities_.end(),
        [&](const Certificate* other) { return Issued(*other, one); });
  }

  // Those from which it goes on, then those that end last, since an old one may
  // have expired; for the rest some order that is not the sender's.
  bool Likelier(const Certificate& a, const Certificate& b) const {
    const bool a_goes_on = GoesOn(a);
    return a_goes_on != GoesOn(b) ? a_goes_on : wire::Outlasts(a, b);
  }

  Path Above(const Certificate& one) const {
    Path above;
    for (const Certificate* other : authorities_) {
      if (Issued(*other, one) && !Has(path_, *other)) {
        above.push_back(other);
      }
    }
    if (above.size() > 1) {
      std::sort(above.begin(), above.end(),
                [this](const Certificate* a, const Certificate* b) {
                  return Likelier(*a, *b);
                });
    }
    return above;
  }

  void Up() {
    if (found_.size() == most_ || ++steps_ > kMostSteps) {
      return;
    }
    const Certificate& here = *path_.back();
    const bool ends = Ends(here);
    const Path above = ends ? Path() : Above(here);
    if (ends || (anchor_ == nullptr && above.empty())) {
      found_.push_back(path_);
    }
    for (const Certificate* next : above) {
      path_.push_back(next);
      Up();
      path_.pop_back();
    }
  }

  // Certificates of one name without key identifiers go on in each other.
  static constexpr int kMostSteps = 64;

  const Certificate* const anchor_;
  const size_t most_;
  Path authorities_;
  Path path_;
  std::vector<Path> found_;
  int steps_ = 0;
};

absl::StatusOr<std::vector<Certificate>> Ask(const Path& path,
                                             const ChainSearch& search) {
  ChainQuestion question;
  question.leaf_der = (*path.front())->der;
  // No others: a fresh pledge's certificate in the bag would make each question
  // a new one.
  for (size_t i = 1; i + 1 < path.size(); ++i) {
    question.intermediates_der.push_back((*path[i])->der);
  }
  question.anchors_der = {(*path.back())->der};
  question.at = search.now;
  const auto verified = search.verifier.VerifyChain(question);
  if (!verified.ok()) {
    return verified.status();
  }
  std::vector<Certificate> chain;
  for (const std::string& der : verified->chain_der) {
    chain.push_back(**std::find_if(
        path.begin(), path.end(),
        [&der](const Certificate* one) { return (*one)->der == der; }));
  }
  return chain;
}

absl::StatusOr<std::vector<Certificate>> FirstThatHolds(
    const std::vector<Path>& paths, ChainSearch& search) {
  absl::Status refusal;
  for (const Path& path : paths) {
    if (search.tries-- <= 0) {
      break;
    }
    auto chain = Ask(path, search);
    if (chain.ok()) {
      return chain;
    }
    refusal = refusal.ok() ? chain.status() : refusal;
  }
  return !refusal.ok()
             ? refusal
             : Refuse(Reason::kChainInvalid,
                      "too many chains of the signer's certificate do not "
                      "hold");
}

}  // namespace

absl::StatusOr<std::vector<Certificate>> FindChain(const Certificate& leaf,
                                                   ChainSearch& search) {
  Climb climb(search.enclosed, nullptr, std::max(search.tries, 0));
  return FirstThatHolds(climb.From(leaf), search);
}

bool LeadsTo(const Certificate& leaf, const Certificate& anchor,
             ChainSearch& search) {
  Climb climb(search.enclosed, &anchor, std::max(search.tries, 0));
  std::vector<Path> paths = climb.From(leaf);
  if (paths.empty()) {
    // Names may be equal without being so octet for octet.
    Path& all = paths.emplace_back(Path{&leaf});
    all.insert(all.end(), climb.authorities().begin(),
               climb.authorities().end());
    all.push_back(&anchor);
  }
  return FirstThatHolds(paths, search).ok();
}

}  // namespace masa::voucher
