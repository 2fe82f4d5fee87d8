// The fields that a refusal names. For tests.
#ifndef SERVICES_AUTHORITY_TEST_FIELDS_H_
#define SERVICES_AUTHORITY_TEST_FIELDS_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/support/status.h"

namespace masa::authority {

// As they came over the wire, with a space between.
inline std::string FieldsIn(const grpc::Status& status) {
  google::rpc::Status whole;
  google::rpc::BadRequest fields;
  whole.ParseFromString(status.error_details());
  for (const auto& any : whole.details()) {
    any.UnpackTo(&fields);
  }
  std::string names;
  for (const auto& violation : fields.field_violations()) {
    absl::StrAppend(&names, names.empty() ? "" : " ", violation.field());
  }
  return names;
}

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_TEST_FIELDS_H_
