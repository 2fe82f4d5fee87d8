#include "services/verification/examine_chain.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "openssl/asn1.h"
#include "openssl/mem.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/verification/error_queue.h"

namespace masa::verification {
namespace {

constexpr int kMaxChain = 8;
constexpr size_t kMaxCertificates = 32;

absl::Status DoesNotParse() {
  return Refuse(Reason::kChainInvalid,
                "a certificate of the chain does not parse");
}

absl::StatusOr<bssl::UniquePtr<STACK_OF(X509)>> ParseStack(
    const std::vector<std::string>& certificates_der,
    const ParsedCertificates& parsed) {
  if (certificates_der.size() > kMaxCertificates) {
    return Refuse(Reason::kChainInvalid, "too many certificates");
  }
  bssl::UniquePtr<STACK_OF(X509)> stack(sk_X509_new_null());
  for (const std::string& der : certificates_der) {
    bssl::UniquePtr<X509> certificate = parsed.Get(der);
    if (certificate == nullptr) {
      return DoesNotParse();
    }
    bssl::PushToStack(stack.get(), std::move(certificate));
  }
  return stack;
}

std::string DerOf(X509* certificate) {
  uint8_t* der = nullptr;
  const int length = i2d_X509(certificate, &der);
  std::string octets(reinterpret_cast<char*>(der), std::max(length, 0));
  OPENSSL_free(der);
  return octets;
}

absl::Status ChainFault(int error) {
  if (error == X509_V_ERR_CERT_HAS_EXPIRED ||
      error == X509_V_ERR_CERT_NOT_YET_VALID) {
    return Refuse(
        Reason::kCertificateExpired,
        absl::StrCat("a certificate of the signer's chain is outside its "
                     "validity: ",
                     X509_verify_cert_error_string(error)));
  }
  return Refuse(Reason::kChainInvalid,
                absl::StrCat("the signer's chain does not hold: ",
                             X509_verify_cert_error_string(error)));
}

// The packaged BoringSSL has no flag for it.
int AcceptAnyTime(int ok, X509_STORE_CTX* context) {
  const int error = X509_STORE_CTX_get_error(context);
  return ok == 1 || error == X509_V_ERR_CERT_HAS_EXPIRED ||
         error == X509_V_ERR_CERT_NOT_YET_VALID;
}

VerifiedChain Describe(const STACK_OF(X509) * chain) {
  VerifiedChain verified;
  verified.not_after = absl::InfiniteFuture();
  for (X509* certificate : chain) {
    verified.chain_der.push_back(DerOf(certificate));
    verified.not_after =
        std::min(verified.not_after, TimeOf(X509_get0_notAfter(certificate)));
  }
  return verified;
}

// A leaf that is its own anchor: nothing vouches for it but the question.
absl::StatusOr<VerifiedChain> VerifyAlone(const ChainQuestion& question,
                                          X509* leaf) {
  const absl::Time not_after = TimeOf(X509_get0_notAfter(leaf));
  if (!question.ignore_validity &&
      (question.at > not_after ||
       question.at < TimeOf(X509_get0_notBefore(leaf)))) {
    return Refuse(Reason::kCertificateExpired,
                  "the signer's certificate is outside its validity");
  }
  return VerifiedChain{{question.leaf_der}, not_after};
}

// Stands where X509_verify_cert checks signatures and times; LinksHold checks
// both afterwards.
int LeaveLinksForLater(X509_STORE_CTX*) { return 1; }

// The anchor's own signature says nothing, as in X509_verify_cert.
bool LinksHold(STACK_OF(X509) * chain, const ChainQuestion& question,
               const LinkCheck& link_holds) {
  const size_t length = sk_X509_num(chain);
  for (size_t i = 0; i < length; ++i) {
    X509* certificate = sk_X509_value(chain, i);
    const auto not_before = StrictTimeOf(X509_get0_notBefore(certificate));
    const auto not_after = StrictTimeOf(X509_get0_notAfter(certificate));
    if (!not_before || !not_after ||
        !IsInTime(*not_before, *not_after, question) ||
        (i + 1 < length &&
         !link_holds(certificate, sk_X509_value(chain, i + 1)))) {
      return false;
    }
  }
  return true;
}

absl::StatusOr<VerifiedChain> Examine(const ChainQuestion& question, X509* leaf,
                                      STACK_OF(X509) * others,
                                      STACK_OF(X509) * anchors,
                                      const LinkCheck& link_holds) {
  bssl::UniquePtr<X509_STORE> empty(X509_STORE_new());
  if (link_holds != nullptr) {
    X509_STORE_set_verify(empty.get(), &LeaveLinksForLater);
  }
  bssl::UniquePtr<X509_STORE_CTX> context(X509_STORE_CTX_new());
  if (X509_STORE_CTX_init(context.get(), empty.get(), leaf, others) != 1) {
    return Refuse(Reason::kChainInvalid, "the chain cannot be examined");
  }
  X509_STORE_CTX_trusted_stack(context.get(), anchors);
  X509_VERIFY_PARAM* param = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_depth(param, kMaxChain);
  X509_VERIFY_PARAM_set_time(param, absl::ToTimeT(question.at));
  X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
  if (question.ignore_validity) {
    X509_STORE_CTX_set_verify_cb(context.get(), &AcceptAnyTime);
  }
  if (X509_verify_cert(context.get()) != 1) {
    return ChainFault(X509_STORE_CTX_get_error(context.get()));
  }
  STACK_OF(X509)* chain = X509_STORE_CTX_get0_chain(context.get());
  if (link_holds != nullptr && !LinksHold(chain, question, link_holds)) {
    return Refuse(Reason::kChainInvalid,
                  "a signature or a time of the chain does not hold");
  }
  return Describe(chain);
}

}  // namespace

bool IsInTime(absl::Time not_before, absl::Time not_after,
              const ChainQuestion& question) {
  const absl::Time at = absl::FromTimeT(absl::ToTimeT(question.at));
  return question.ignore_validity || (not_before <= at && at < not_after);
}

absl::Time TimeOf(const ASN1_TIME* time) {
  static const ASN1_TIME* const epoch = ASN1_TIME_set(nullptr, 0);
  int days = 0;
  int seconds = 0;
  if (ASN1_TIME_diff(&days, &seconds, epoch, time) != 1) {
    return absl::InfinitePast();
  }
  return absl::UnixEpoch() + days * absl::Hours(24) + absl::Seconds(seconds);
}

std::optional<absl::Time> StrictTimeOf(const ASN1_TIME* time) {
  time_t any = 0;
  return X509_cmp_time(time, &any) == 0 ? std::nullopt
                                        : std::optional(TimeOf(time));
}

absl::StatusOr<VerifiedChain> ExamineChain(const ChainQuestion& question,
                                           const ParsedCertificates& parsed,
                                           const LinkCheck& link_holds) {
  const ErrorQueueDrain drain;
  // A leaf is seen once; what stands above it, again and again.
  const bssl::UniquePtr<X509> leaf = ParseX509(question.leaf_der);
  if (leaf == nullptr) {
    return DoesNotParse();
  }
  MASA_ASSIGN_OR_RETURN(const bssl::UniquePtr<STACK_OF(X509)> others,
                        ParseStack(question.intermediates_der, parsed));
  MASA_ASSIGN_OR_RETURN(const bssl::UniquePtr<STACK_OF(X509)> anchors,
                        ParseStack(question.anchors_der, parsed));
  if (std::count(question.anchors_der.begin(), question.anchors_der.end(),
                 question.leaf_der) > 0) {
    return VerifyAlone(question, leaf.get());
  }
  return Examine(question, leaf.get(), others.get(), anchors.get(), link_holds);
}

}  // namespace masa::verification
