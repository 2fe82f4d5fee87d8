// What every RPC of masa.v1 says to a request that it cannot take: the tables
// of api_errors_test.cc.
#ifndef SERVICES_AUTHORITY_API_ERROR_ROWS_H_
#define SERVICES_AUTHORITY_API_ERROR_ROWS_H_

#include <vector>

namespace masa::authority {

struct ErrorRow {
  const char* method;
  const char* who;      // test_api.h
  const char* request;  // text format; $LONG is 300 octets
  const char* reason;
  const char* fields;  // that the error names
};

// Of devices and vouchers; of policies, organisations, groups and transfers; of
// keys.
std::vector<ErrorRow> DeviceErrorRows();
std::vector<ErrorRow> OrganizationErrorRows();
std::vector<ErrorRow> KeyErrorRows();
std::vector<ErrorRow> VoucherJobErrorRows();
std::vector<ErrorRow> CertificateErrorRows();
std::vector<ErrorRow> AdminErrorRows();

inline std::vector<ErrorRow> AllErrorRows() {
  std::vector<ErrorRow> rows = DeviceErrorRows();
  for (const auto& more :
       {OrganizationErrorRows(), KeyErrorRows(), VoucherJobErrorRows(),
        CertificateErrorRows(), AdminErrorRows()}) {
    rows.insert(rows.end(), more.begin(), more.end());
  }
  return rows;
}

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_API_ERROR_ROWS_H_
