#include "services/issuance/serve_escrow.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <set>

#include "absl/strings/escaping.h"
#include "openssl/sha.h"
#include "services/issuance/voucher_archive.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/transparency/log_name.h"
#include "services/transparency/signed_note.h"
#include "services/wire/tar_header.h"
#include "storage/voucher_job_rules.h"

namespace masa::issuance {
namespace {

using storage::VoucherJob;

// A bundle of some of the devices would be taken for one of all.
absl::Status CheckIsOfAllDevices(const VoucherJob& job) {
  if (!storage::HasEnded(job)) {
    return Refuse(Reason::kJobNotEnded,
                  "the job runs; its manifest is there when it has ended");
  }
  if (job.state() != storage::v1::VOUCHER_JOB_STATE_SUCCEEDED) {
    return Refuse(Reason::kJobEnded,
                  "the job ended before each device had its outcome");
  }
  const storage::VoucherJobTerms& terms = job.terms();
  return terms.organization_id().empty() || !terms.group_id().empty() ||
                 !terms.filter().empty() || job.issued() == 0
             ? AtField(Refuse(Reason::kInvalidArgument,
                              "the job was not for all devices of one "
                              "organisation, or none got a voucher"),
                       "job_id")
             : absl::OkStatus();
}

// The last of each chain, each once.
std::vector<std::string> EndsOf(
    const std::vector<std::vector<std::string>>& chains) {
  std::set<std::string> known;
  std::vector<std::string> ends;
  for (const std::vector<std::string>& chain : chains) {
    if (!chain.empty() && known.insert(chain.back()).second) {
      ends.push_back(chain.back());
    }
  }
  return ends;
}

std::string PayloadOf(const wire::EscrowManifest& manifest) {
  google::protobuf::Struct payload;
  auto& fields = *payload.mutable_fields();
  fields["organization_id"].set_string_value(manifest.organization_id);
  fields["job_id"].set_string_value(absl::BytesToHexString(manifest.job_id));
  fields["devices_sha256"].set_string_value(
      absl::BytesToHexString(manifest.devices_sha256));
  fields["issued"].set_number_value(static_cast<double>(manifest.issued));
  std::string json;
  // Cannot fail: what is in it was checked to be UTF-8 when it was stored.
  (void)google::protobuf::util::MessageToJsonString(payload, &json);
  return json;
}

}  // namespace

// Of the archive's manifest.json, as its readers have it.
absl::StatusOr<std::string> ServeEscrow::DigestOfDevices(
    const RequestContext& context, const identity::Principal& caller,
    const VoucherJobView& view) {
  const int64_t begin = view.job.file_octets() + wire::kTarBlock;
  const int64_t end = begin + ManifestOctets(view.job);
  SHA256_CTX digest;
  SHA256_Init(&digest);
  for (int64_t at = begin; at < end;) {
    if (tools_.clock.Now() >= context.deadline) {
      return Refuse(Reason::kDeadlineExceeded,
                    "there are too many devices to read them in time; ask with "
                    "a longer deadline");
    }
    MASA_ASSIGN_OR_RETURN(
        ArchivePiece piece,
        needs_.jobs.ReadArchive(context, caller, view.job.job_id(), at));
    piece.octets.resize(
        std::min(piece.octets.size(), static_cast<size_t>(end - at)));
    if (piece.octets.empty()) {
      return storage::JobResultGone();
    }
    SHA256_Update(&digest, piece.octets.data(), piece.octets.size());
    at += static_cast<int64_t>(piece.octets.size());
  }
  std::string octets(SHA256_DIGEST_LENGTH, '\0');
  SHA256_Final(reinterpret_cast<uint8_t*>(octets.data()), &digest);
  return octets;
}

absl::StatusOr<std::string> ServeEscrow::OwnershipKeyOf(
    const RequestContext& context, const std::string& tenant_id) {
  MASA_ASSIGN_OR_RETURN(const auto policies, tools_.policies.Current(context));
  MASA_ASSIGN_OR_RETURN(const masa::v1::Tenant* tenant,
                        policies->TenantNamed(tenant_id));
  return tenant->ownership_signing_key().empty()
             ? Refuse(Reason::kMisconfigured,
                      "the tenant has no ownership_signing_key, which signs "
                      "histories and manifests")
             : absl::StatusOr<std::string>(tenant->ownership_signing_key());
}

absl::StatusOr<std::vector<std::string>> ServeEscrow::OwnershipAnchors(
    const RequestContext& context, const std::string& key) {
  MASA_ASSIGN_OR_RETURN(auto versions, tools_.signer.Published(context, key));
  std::vector<std::vector<std::string>> chains;
  for (signing::PublishedVersion& version : versions) {
    chains.push_back(std::move(version.chain_der));
  }
  return EndsOf(chains);
}

absl::Status ServeEscrow::AddVoucherChains(const RequestContext& context,
                                           const identity::Principal& caller,
                                           wire::EscrowManifest& manifest) {
  MASA_ASSIGN_OR_RETURN(auto anchors,
                        needs_.vouchers.TrustAnchors(context, caller));
  std::vector<std::vector<std::string>> chains;
  for (TrustAnchor& anchor : anchors) {
    chains.push_back(std::move(anchor.chain_der));
  }
  manifest.voucher_anchors = EndsOf(chains);
  std::set<std::string> known(manifest.voucher_anchors.begin(),
                              manifest.voucher_anchors.end());
  for (const std::vector<std::string>& chain : chains) {
    for (const std::string& der : chain) {
      if (known.insert(der).second) {
        manifest.voucher_certificates.push_back(der);
      }
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ServeEscrow::LogKeyOf(
    const RequestContext& context, const std::string& tenant_id) {
  if (log_.signing_key.empty()) {
    return Refuse(
        Reason::kMisconfigured,
        "authority.audit has no signing_key, so that no voucher has a "
        "receipt");
  }
  MASA_ASSIGN_OR_RETURN(const signing::KeyDescription key,
                        tools_.signer.Describe(context, log_.signing_key));
  MASA_ASSIGN_OR_RETURN(
      const transparency::NoteKey note,
      transparency::NoteKeyOf(
          transparency::OriginOf(log_.origin, tenant_id),
          key.chain_der.empty() ? "" : key.chain_der.front()));
  return transparency::VerifierKeyOf(note);
}

absl::Status ServeEscrow::WriteEvent(const RequestContext& context,
                                     const identity::Principal& caller,
                                     const wire::EscrowManifest& manifest) {
  storage::AuditEvent event;
  event.event_id = storage::NewEventId(manifest.at);
  event.tenant_id = caller.tenant_id;
  event.kind = storage::kEscrowExported;
  event.at = manifest.at;
  event.actor = caller.name;
  event.request_id = context.request_id;
  event.payload = PayloadOf(manifest);
  MASA_RETURN_IF_ERROR(needs_.events.WriteEvent(context, event));
  // Unrecorded, the export that a timer makes is missed, and comes again.
  (void)needs_.job_runs.Record(context, storage::kEscrowExportJob, manifest.at,
                               true);
  return absl::OkStatus();
}

absl::StatusOr<SignedManifest> ServeEscrow::SignManifest(
    const RequestContext& context, const identity::Principal& caller,
    const std::string& job_id) {
  MASA_ASSIGN_OR_RETURN(const VoucherJobView view,
                        needs_.jobs.Get(context, caller, job_id));
  MASA_RETURN_IF_ERROR(CheckIsOfAllDevices(view.job));
  MASA_ASSIGN_OR_RETURN(const std::string name,
                        OwnershipKeyOf(context, caller.tenant_id));
  wire::EscrowManifest said;
  said.tenant_id = caller.tenant_id;
  said.organization_id = view.job.terms().organization_id();
  said.job_id = job_id;
  said.at = absl::FromUnixSeconds(absl::ToUnixSeconds(tools_.clock.Now()));
  said.issued = view.job.issued();
  said.refused = view.job.refused();
  MASA_RETURN_IF_ERROR(AddVoucherChains(context, caller, said));
  MASA_ASSIGN_OR_RETURN(said.ownership_anchors,
                        OwnershipAnchors(context, name));
  said.log_keys.emplace_back();
  MASA_ASSIGN_OR_RETURN(said.log_keys.front(),
                        LogKeyOf(context, caller.tenant_id));
  MASA_ASSIGN_OR_RETURN(said.devices_sha256,
                        DigestOfDevices(context, caller, view));
  MASA_ASSIGN_OR_RETURN(const std::string key,
                        tools_.signer.InForce(context, name));
  MASA_ASSIGN_OR_RETURN(signing::KeyDescription description,
                        tools_.signer.Describe(context, key));
  SignedManifest made{wire::EncodeEscrowManifest(said), "", key,
                      std::move(description.chain_der)};
  std::vector<signing::ToBeSigned> items;
  items.push_back(signing::ToBeSigned::Manifest(made.manifest, said));
  MASA_ASSIGN_OR_RETURN(
      made.signature,
      std::move(tools_.signer.Sign(context, key, items).front()));
  // Before it is released: nobody has a bundle of which the log says nothing.
  MASA_RETURN_IF_ERROR(WriteEvent(context, caller, said));
  return made;
}

}  // namespace masa::issuance
