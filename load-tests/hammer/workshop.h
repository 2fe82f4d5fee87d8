// What the works of a scenario need: made once, ahead. Ends the program where
// it cannot be made.
#ifndef LOAD_TESTS_HAMMER_WORKSHOP_H_
#define LOAD_TESTS_HAMMER_WORKSHOP_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "load-tests/hammer/arguments.h"
#include "load-tests/hammer/enrollment_work.h"
#include "load-tests/hammer/journal.h"
#include "load-tests/hammer/operation.h"
#include "load-tests/hammer/operator_work.h"
#include "load-tests/hammer/registrar_work.h"
#include "proto/masa/v1/device.pb.h"

namespace masa::hammer {

// Not thread-safe; what it makes is for one thread each.
class Workshop {
 public:
  // Both outlive it.
  Workshop(const Arguments& arguments, const Scenario& scenario);

  // An operation of that client, at the service.
  std::unique_ptr<Operation> Make(const Work& work, int client);

  // The same over gRPC at whoever is connected to; what is given there is
  // nobody's voucher and not written down.
  std::unique_ptr<Operation> MakeElsewhere(const Work& work, int client,
                                           const Connect& connect);

  // The service's listener whose turn it is for that client.
  std::shared_ptr<grpc::Channel> Api(int client) const;

  const std::vector<masa::v1::ResolveOwnershipRequest>& questions() const {
    return questions_;
  }
  // The first of the devices that vouchers are ordered for.
  int orders_from() const { return orders_from_; }
  const std::string& pin_der() const { return pin_der_; }
  // Serial numbers of the devices that nobody had on record begin so.
  std::string NewSerials(const Work& work) const;

 private:
  void Prepare(const Work& work);
  // The first of so many devices of this scenario's own.
  int Take();
  std::unique_ptr<Operation> MakeCall(const Work& work, int client,
                                      const Connect& connect, Journal& journal);

  const Arguments& arguments_;
  const Scenario& scenario_;
  Journal journal_;
  Journal nowhere_{""};
  int taken_ = 0;
  int orders_from_ = 0;
  std::string pin_der_;
  std::map<std::string, MintedRequests> minted_;
  MintedEnrollments enrollments_;
  std::vector<masa::v1::ResolveOwnershipRequest> questions_;
};

}  // namespace masa::hammer

#endif  // LOAD_TESTS_HAMMER_WORKSHOP_H_
