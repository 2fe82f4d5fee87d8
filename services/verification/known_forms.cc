#include "services/verification/known_forms.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "openssl/mem.h"
#include "openssl/nid.h"
#include "openssl/x509v3.h"
#include "services/verification/examine_chain.h"

namespace masa::verification {
namespace {

std::string SpkiOf(X509* certificate) {
  uint8_t* der = nullptr;
  const int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  const std::string octets(reinterpret_cast<char*>(der), std::max(length, 0));
  OPENSSL_free(der);
  return octets;
}

// Nothing is looked for above a self-signed certificate, and without name
// constraints a leaf's names mean nothing to it.
bool EndsChains(X509* anchor) {
  return (X509_get_extension_flags(anchor) & EXFLAG_SS) != 0 &&
         X509_get_ext_by_NID(anchor, NID_name_constraints, -1) < 0;
}

}  // namespace

// A certificate that has the anchor's name could stand in the chain in its
// place; one that does not parse makes the question one to refuse.
bool KnownForms::IsAloneOfItsName(const ChainQuestion& question,
                                  const FormAnchor& anchor) const {
  constexpr size_t kFew = 32;
  for (const std::vector<std::string>* all :
       {&question.anchors_der, &question.intermediates_der}) {
    if (all->size() > kFew) {
      return false;
    }
    for (const std::string& der : *all) {
      if (der == question.leaf_der) {
        return false;
      }
      // Enclosed as well, it is no other.
      if (der == anchor.der) {
        continue;
      }
      const bssl::UniquePtr<X509> other = parsed_.Get(der);
      if (other == nullptr ||
          X509_NAME_cmp(X509_get_subject_name(other.get()),
                        X509_get_subject_name(anchor.certificate.get())) == 0) {
        return false;
      }
    }
  }
  return std::count(question.anchors_der.begin(), question.anchors_der.end(),
                    anchor.der) == 1;
}

std::shared_ptr<const FormAnchor> KnownForms::AnchorFor(
    const ChainQuestion& question, const LeafForm& form) {
  std::shared_ptr<const FormAnchor> anchor;
  {
    const MutexLock lock(mutex_);
    const auto found = forms_.find(form.shared);
    if (found == forms_.end()) {
      return nullptr;
    }
    anchor = found->second;
  }
  return IsAloneOfItsName(question, *anchor) ? anchor : nullptr;
}

void KnownForms::Learn(const ChainQuestion& question, const LeafForm& form,
                       const VerifiedChain& chain) {
  if (chain.chain_der.size() != 2 ||
      chain.chain_der.front() != question.leaf_der ||
      form.shared.size() > kMostOctets ||
      chain.chain_der.back().size() > kMostOctets) {
    return;
  }
  auto anchor = std::make_shared<FormAnchor>();
  anchor->der = chain.chain_der.back();
  anchor->certificate = parsed_.Get(anchor->der);
  if (anchor->certificate == nullptr ||
      !EndsChains(anchor->certificate.get()) ||
      !IsAloneOfItsName(question, *anchor)) {
    return;
  }
  const auto not_before =
      StrictTimeOf(X509_get0_notBefore(anchor->certificate.get()));
  const auto not_after =
      StrictTimeOf(X509_get0_notAfter(anchor->certificate.get()));
  if (!not_before || !not_after) {
    return;
  }
  anchor->not_before = *not_before;
  anchor->not_after = *not_after;
  anchor->spki_der = SpkiOf(anchor->certificate.get());
  const MutexLock lock(mutex_);
  if (forms_.size() >= kMost) {
    // What is needed comes again at once.
    forms_.clear();
  }
  forms_[form.shared] = std::move(anchor);
}

}  // namespace masa::verification
