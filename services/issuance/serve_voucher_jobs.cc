#include "services/issuance/serve_voucher_jobs.h"

#include <utility>

#include "services/issuance/ids.h"
#include "services/issuance/voucher_archive.h"
#include "services/issuance/voucher_job_steps.h"
#include "services/ownership/group_access.h"
#include "services/ownership/role_plans.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/certificate.h"
#include "storage/voucher_job_rules.h"

namespace masa::issuance {
namespace {

using identity::Principal;
using storage::HasEnded;
using storage::JobResultGone;
using storage::JobUnknown;
using storage::TreeQuestion;
using storage::VoucherJob;
using storage::VoucherJobTerms;

bool IsOperator(const Principal& caller) {
  return caller.role == identity::Role::kOperator;
}

VoucherJobView ViewOf(VoucherJob job) {
  const int64_t octets = HasEnded(job) ? ArchiveOctets(job) : 0;
  return {std::move(job), octets};
}

std::optional<storage::OnceOrder> OnceOf(const VoucherJobCall& call) {
  return call.once.id.empty()
             ? std::nullopt
             : std::optional<storage::OnceOrder>(
                   {{call.caller.tenant_id, call.caller.name, call.once.id},
                    call.once.digest});
}

// An end that some voucher can have.
absl::Status CheckLifetime(const VoucherJobOrder& order, absl::Time now) {
  return order.expires_on && *order.expires_on <= now
             ? AtField(
                   Refuse(Reason::kLifetimeInPast, "expires_on is in the past"),
                   "expires_on")
             : absl::OkStatus();
}

// The certificate that the field `pin_field` says is to be pinned.
absl::Status CheckPin(const std::string& certificate_der, const char* pin_field,
                      const VoucherJobOrder& order, absl::Time now) {
  const auto pin = wire::Certificate::Parse(certificate_der);
  if (!pin.ok()) {
    return AtField(Refuse(Reason::kCertMalformed,
                          "the certificate to pin is no certificate in DER"),
                   pin_field);
  }
  if ((*pin)->not_after <= now) {
    return AtField(
        Refuse(Reason::kCertExpired, "the certificate to pin has expired"),
        pin_field);
  }
  return order.expires_on && *order.expires_on > (*pin)->not_after
             ? AtField(
                   Refuse(Reason::kLifetimeExceedsCert,
                          "expires_on is after the end of the certificate to "
                          "pin"),
                   "expires_on")
             : absl::OkStatus();
}

}  // namespace

absl::Status ServeVoucherJobs::CheckMayGet(const RequestContext& context,
                                           const Principal& caller,
                                           const DeviceListing& listing) {
  if (IsOperator(caller)) {
    return absl::OkStatus();
  }
  const std::string& organization = listing.organization_id;
  MASA_ASSIGN_OR_RETURN(
      const auto trees,
      tools_.groups.ReadTrees(
          context,
          {caller.tenant_id, TreeQuestion::By::kOrganization, organization}));
  return trees.empty()
             ? ownership::GroupNotFound()
             : ownership::CheckMay(
                   trees.front(), ownership::ActorOf(caller, false),
                   listing.group_id.empty() ? organization : listing.group_id,
                   ownership::Act::kGetVoucher);
}

absl::Status ServeVoucherJobs::CheckSees(const RequestContext& context,
                                         const Principal& caller,
                                         const VoucherJob& job) {
  const VoucherJobTerms& terms = job.terms();
  if (!IsOperator(caller) &&
      terms.actor_organization_id() != caller.organization_id) {
    return JobUnknown();
  }
  const absl::Status may = CheckMayGet(
      context, caller, {terms.organization_id(), terms.group_id(), "", false});
  return ReasonOf(may) == Reason::kStoreUnavailable || may.ok() ? may
                                                                : JobUnknown();
}

absl::StatusOr<VoucherJob> ServeVoucherJobs::Find(const RequestContext& context,
                                                  const Principal& caller,
                                                  const std::string& job_id) {
  MASA_ASSIGN_OR_RETURN(VoucherJob job,
                        jobs_.GetJob(context, {caller.tenant_id, job_id}));
  MASA_RETURN_IF_ERROR(CheckSees(context, caller, job));
  return job;
}

absl::Status ServeVoucherJobs::PinInto(const VoucherJobCall& call,
                                       const VoucherJobOrder& order,
                                       VoucherJobTerms& terms) {
  terms.set_est_onboarding(order.est_onboarding);
  if (order.est_onboarding) {
    return absl::OkStatus();
  }
  const absl::Time now = tools_.clock.Now();
  if (order.cert_id.empty()) {
    terms.set_pinned_cert_der(order.pinned_cert_der);
    return CheckPin(order.pinned_cert_der, "pinned_cert_der", order, now);
  }
  MASA_ASSIGN_OR_RETURN(
      const auto trees,
      tools_.groups.ReadTrees(
          call.context,
          {call.caller.tenant_id, TreeQuestion::By::kCert, order.cert_id}));
  absl::StatusOr<storage::GroupCert> cert = ownership::CertNotFound();
  for (const storage::OrganizationTree& tree : trees) {
    if (!cert.ok()) {
      cert = ownership::FindCert(tree, ownership::ActorOf(call.caller, false),
                                 order.cert_id, ownership::Act::kGetVoucher);
    }
  }
  if (!cert.ok()) {
    return AtField(cert.status(), "cert_id");
  }
  terms.set_cert_id(order.cert_id);
  terms.set_pinned_cert_der(cert->certificate_der);
  terms.set_revocation_checks(cert->revocation_checks);
  return CheckPin(cert->certificate_der, "cert_id", order, now);
}

absl::StatusOr<VoucherJobTerms> ServeVoucherJobs::TermsOf(
    const VoucherJobCall& call, const VoucherJobOrder& order) {
  const Principal& caller = call.caller;
  VoucherJobTerms terms;
  terms.set_role(static_cast<int>(caller.role));
  terms.set_actor(caller.name);
  terms.set_actor_organization_id(caller.organization_id);
  terms.set_username(caller.username);
  terms.set_is_service_account(caller.is_service_account);
  terms.set_organization_id(order.listing.organization_id);
  terms.set_group_id(order.listing.group_id);
  terms.set_filter(order.listing.filter);
  terms.set_format(order.format);
  if (order.expires_on) {
    terms.set_expires_on(absl::ToUnixSeconds(*order.expires_on));
  }
  MASA_RETURN_IF_ERROR(CheckLifetime(order, tools_.clock.Now()));
  MASA_RETURN_IF_ERROR(PinInto(call, order, terms));
  return terms;
}

absl::StatusOr<int64_t> ServeVoucherJobs::CountDevices(
    const VoucherJobCall& call, const DeviceListing& listing) {
  int64_t count = 0;
  std::optional<storage::DevicePlace> place = storage::DevicePlace();
  while (place) {
    if (tools_.clock.Now() >= call.context.deadline) {
      return Refuse(Reason::kDeadlineExceeded,
                    "there are too many devices to count them in time");
    }
    MASA_ASSIGN_OR_RETURN(
        const storage::DeviceCount more,
        registry_.Count(call.context, call.caller, listing, *place));
    count += more.devices;
    place = more.next;
  }
  return count;
}

absl::StatusOr<VoucherJobView> ServeVoucherJobs::Start(
    const VoucherJobCall& call, const VoucherJobOrder& asked) {
  VoucherJobOrder order = asked;
  if (order.listing.organization_id.empty()) {
    order.listing.organization_id = call.caller.organization_id;
  }
  // Says whose the listing may be, and what its filter is.
  MASA_RETURN_IF_ERROR(
      registry_.List(call.context, call.caller, order.listing, {}, 1).status());
  MASA_RETURN_IF_ERROR(CheckMayGet(call.context, call.caller, order.listing));
  const absl::Time now = tools_.clock.Now();
  VoucherJob job;
  MASA_ASSIGN_OR_RETURN(*job.mutable_terms(), TermsOf(call, order));
  job.set_tenant_id(call.caller.tenant_id);
  job.set_state(storage::v1::VOUCHER_JOB_STATE_PENDING);
  job.set_created_at(absl::ToUnixMicros(now));
  job.set_updated_at(absl::ToUnixMicros(now));
  if (call.validate_only) {
    MASA_ASSIGN_OR_RETURN(const int64_t total,
                          CountDevices(call, order.listing));
    job.set_total(total);
    return ViewOf(std::move(job));
  }
  job.set_job_id(NewId(now));
  MASA_ASSIGN_OR_RETURN(job, jobs_.StartJob(call.context, call.caller.name, now,
                                            job, OnceOf(call)));
  return ViewOf(std::move(job));
}

absl::StatusOr<VoucherJobView> ServeVoucherJobs::Get(
    const RequestContext& context, const Principal& caller,
    const std::string& job_id) {
  MASA_ASSIGN_OR_RETURN(VoucherJob job, Find(context, caller, job_id));
  return ViewOf(std::move(job));
}

absl::StatusOr<VoucherJobPage> ServeVoucherJobs::List(
    const RequestContext& context, const Principal& caller,
    const std::string& before, int limit) {
  MASA_ASSIGN_OR_RETURN(std::vector<VoucherJob> jobs,
                        jobs_.ListJobs(context, caller.tenant_id,
                                       caller.organization_id, before, limit));
  VoucherJobPage page;
  if (static_cast<int>(jobs.size()) == limit) {
    page.last = jobs.back().job_id();
  }
  for (VoucherJob& job : jobs) {
    const absl::Status sees = CheckSees(context, caller, job);
    if (sees.ok()) {
      page.jobs.push_back(ViewOf(std::move(job)));
    } else if (ReasonOf(sees) != Reason::kJobUnknown) {
      return sees;
    }
  }
  return page;
}

absl::StatusOr<VoucherJobView> ServeVoucherJobs::Cancel(
    const VoucherJobCall& call, const std::string& job_id) {
  MASA_RETURN_IF_ERROR(Find(call.context, call.caller, job_id).status());
  const absl::Time now = tools_.clock.Now();
  MASA_ASSIGN_OR_RETURN(VoucherJob job,
                        jobs_.ChangeJob(call.context, call.caller.name, now,
                                        {call.caller.tenant_id, job_id},
                                        CancelJob(now), OnceOf(call)));
  return ViewOf(std::move(job));
}

absl::StatusOr<std::string> ServeVoucherJobs::ReadFiles(
    const RequestContext& context, const VoucherJob& job, int64_t offset) {
  MASA_ASSIGN_OR_RETURN(
      const storage::VoucherJobBatch batch,
      jobs_.FindBatch(context, {job.tenant_id(), job.job_id()},
                      storage::VoucherJobPart::kFiles, offset));
  std::vector<storage::VoucherJobItem> issued;
  for (const storage::VoucherJobItem& item : batch.items.items()) {
    if (IsIssued(item)) {
      issued.push_back(item);
    }
  }
  MASA_ASSIGN_OR_RETURN(
      const std::vector<std::string> vouchers,
      jobs_.ReadJobVouchers(context, job.request_digest(), issued));
  for (size_t i = 0; i < issued.size(); ++i) {
    if (static_cast<int64_t>(vouchers[i].size()) != issued[i].octets()) {
      return JobResultGone();
    }
  }
  const std::string files =
      FilesOf(batch.items, vouchers,
              static_cast<masa::v1::Format>(job.terms().format()));
  const auto at = static_cast<size_t>(offset - batch.file_begin);
  return at < files.size() ? absl::StatusOr<std::string>(files.substr(at))
                           : JobResultGone();
}

absl::StatusOr<std::string> ServeVoucherJobs::ReadManifest(
    const RequestContext& context, const VoucherJob& job, int64_t offset) {
  const std::string prefix = ManifestPrefix(job);
  const auto prefix_octets = static_cast<int64_t>(prefix.size());
  if (offset < prefix_octets) {
    return prefix.substr(static_cast<size_t>(offset));
  }
  const int64_t line = offset - prefix_octets;
  if (line >= job.manifest_octets()) {
    return ManifestSuffix(job).substr(
        static_cast<size_t>(line - job.manifest_octets()));
  }
  MASA_ASSIGN_OR_RETURN(
      const storage::VoucherJobBatch batch,
      jobs_.FindBatch(context, {job.tenant_id(), job.job_id()},
                      storage::VoucherJobPart::kManifest, line));
  const std::string lines = ManifestLines(
      batch.items, static_cast<masa::v1::Format>(job.terms().format()),
      batch.manifest_begin == 0);
  const auto at = static_cast<size_t>(line - batch.manifest_begin);
  return at < lines.size() ? absl::StatusOr<std::string>(lines.substr(at))
                           : JobResultGone();
}

absl::StatusOr<ArchivePiece> ServeVoucherJobs::ReadArchive(
    const RequestContext& context, const Principal& caller,
    const std::string& job_id, int64_t offset) {
  MASA_ASSIGN_OR_RETURN(const VoucherJob job, Find(context, caller, job_id));
  if (!HasEnded(job)) {
    return Refuse(Reason::kJobNotEnded,
                  "the job runs; its vouchers are there when it has ended");
  }
  ArchivePiece piece{"", ArchiveOctets(job)};
  if (offset < 0 || offset > piece.archive_octets) {
    return AtField(Refuse(Reason::kInvalidArgument,
                          "offset is less than zero, or behind the archive's "
                          "end"),
                   "offset");
  }
  if (offset < job.file_octets()) {
    MASA_ASSIGN_OR_RETURN(piece.octets, ReadFiles(context, job, offset));
  } else if (offset < piece.archive_octets) {
    MASA_ASSIGN_OR_RETURN(
        piece.octets, ReadManifest(context, job, offset - job.file_octets()));
  }
  return piece;
}

}  // namespace masa::issuance
