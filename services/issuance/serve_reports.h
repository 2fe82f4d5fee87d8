// The use case of those who ask what a device told.
#ifndef SERVICES_ISSUANCE_SERVE_REPORTS_H_
#define SERVICES_ISSUANCE_SERVE_REPORTS_H_

#include <vector>

#include "services/issuance/policies.h"
#include "services/issuance/report_desk.h"
#include "storage/device_store.h"
#include "storage/group_store.h"

namespace masa::issuance {

class ServeReports final : public ReportDesk {
 public:
  // All outlive this.
  ServeReports(storage::DeviceStore& devices, storage::GroupStore& groups,
               Policies& policies, storage::ReportStore& reports)
      : devices_(devices),
        groups_(groups),
        policies_(policies),
        reports_(reports) {}

  absl::StatusOr<std::vector<storage::DeviceReport>> ListReports(
      const RequestContext& context, const identity::Principal& caller,
      const storage::DeviceKey& device) override;

 private:
  storage::DeviceStore& devices_;
  storage::GroupStore& groups_;
  Policies& policies_;
  storage::ReportStore& reports_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_SERVE_REPORTS_H_
