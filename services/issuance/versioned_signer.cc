#include "services/issuance/versioned_signer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/signing/key_chain.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::issuance {
namespace {

// Of a version whose chain is on record.
signing::PublishedVersion PublishedOf(const storage::KeyVersion& version) {
  return {signing::NameOf({version.key, version.version}), version.chain_der,
          version.not_before.value_or(absl::InfiniteFuture()),
          version.retired_at.value_or(absl::InfiniteFuture())};
}

}  // namespace

VersionedSigner::VersionedSigner(signing::Signer& signer,
                                 storage::KeyStore& keys, const Clock& clock)
    : signer_(signer),
      clock_(clock),
      ring_(
          [&keys](const RequestContext& context)
              -> absl::StatusOr<signing::KeyRing> {
            MASA_ASSIGN_OR_RETURN(const auto versions, keys.ReadKeys(context));
            return signing::KeyRing(versions);
          },
          clock) {}

// Devices with a clock would take nothing that is signed under it.
absl::Status VersionedSigner::CheckNotEnded(
    const signing::KeyDescription& key) const {
  const absl::Time not_after = signing::NotAfterOf(key.chain_der);
  return not_after > clock_.Now()
             ? absl::OkStatus()
             : Refuse(Reason::kMisconfigured,
                      absl::StrCat(
                          "a certificate of signing key ", key.name, " ended ",
                          absl::FormatTime(not_after, absl::UTCTimeZone()),
                          "; activate another version"));
}

absl::StatusOr<std::string> VersionedSigner::InForce(
    const RequestContext& context, const std::string& key) {
  MASA_ASSIGN_OR_RETURN(const auto ring, ring_.Current(context));
  MASA_ASSIGN_OR_RETURN(const signing::KeyName name,
                        ring->InForce(key, clock_.Now()));
  return signing::NameOf(name);
}

absl::StatusOr<signing::KeyDescription> VersionedSigner::Describe(
    const RequestContext& context, const std::string& key) {
  MASA_ASSIGN_OR_RETURN(const auto ring, ring_.Current(context));
  signing::KeyName name = signing::ParseKeyName(key);
  if (name.version == 0) {
    MASA_ASSIGN_OR_RETURN(name, ring->InForce(key, clock_.Now()));
  }
  return DescribeIn(*ring, context, name);
}

absl::StatusOr<signing::KeyDescription> VersionedSigner::DescribeVersion(
    const RequestContext& context, const std::string& version) {
  MASA_ASSIGN_OR_RETURN(const auto ring, ring_.Current(context));
  return DescribeIn(*ring, context, signing::ParseKeyName(version));
}

absl::StatusOr<signing::KeyDescription> VersionedSigner::DescribeIn(
    const signing::KeyRing& ring, const RequestContext& context,
    const signing::KeyName& name) {
  MASA_ASSIGN_OR_RETURN(signing::KeyDescription description,
                        signer_.Describe(context, signing::NameOf(name)));
  if (name.version == 0) {
    MASA_RETURN_IF_ERROR(CheckNotEnded(description));
    return description;
  }
  const storage::KeyVersion* version = ring.Find(name);
  if (version == nullptr || version->chain_der.empty()) {
    return Refuse(Reason::kKeyUnknown,
                  absl::StrCat("signing key ", description.name,
                               " has no certificate yet"));
  }
  if (version->spki_der != description.spki_der) {
    return Refuse(Reason::kMisconfigured,
                  absl::StrCat("the signer's key ", description.name,
                               " is not the one that was certified"));
  }
  description.chain_der = version->chain_der;
  MASA_RETURN_IF_ERROR(CheckNotEnded(description));
  return description;
}

absl::StatusOr<std::vector<signing::PublishedVersion>>
VersionedSigner::Published(const RequestContext& context,
                           const std::string& key) {
  MASA_ASSIGN_OR_RETURN(const auto ring, ring_.Current(context));
  std::vector<signing::PublishedVersion> published;
  absl::StatusOr<signing::KeyDescription> configured =
      signer_.Describe(context, key);
  if (configured.ok()) {
    const storage::KeyVersion* record = ring->Find({key, 0});
    published.push_back({key, std::move(configured->chain_der)});
    if (record != nullptr) {
      published.back().until =
          record->retired_at.value_or(absl::InfiniteFuture());
    }
  } else if (ReasonOf(configured.status()) != Reason::kKeyUnknown) {
    return configured.status();
  }
  for (const storage::KeyVersion& version : ring->VersionsOf(key)) {
    if (!version.chain_der.empty()) {
      published.push_back(PublishedOf(version));
    }
  }
  return published;
}

}  // namespace masa::issuance
