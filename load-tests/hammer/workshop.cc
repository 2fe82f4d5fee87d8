#include "load-tests/hammer/workshop.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "load-tests/hammer/import_work.h"
#include "load-tests/hammer/stream_work.h"
#include "load-tests/owned_fleet.h"
#include "services/testing/files.h"

namespace masa::hammer {
namespace {

constexpr int kQuestions = 20'000;

testing::Container ContainerOf(const std::string& format) {
  static const auto& containers =
      *new std::map<std::string, testing::Container>{
          {"", testing::Container::kCms},
          {"cms", testing::Container::kCms},
          {"jws", testing::Container::kJws},
          {"cose", testing::Container::kCose}};
  const auto found = containers.find(format);
  if (found == containers.end()) {
    Fail("there is no format " + format);
  }
  return found->second;
}

const std::string& TurnOf(const std::vector<std::string>& addresses,
                          int client) {
  if (addresses.empty()) {
    Fail("--https and --api are needed");
  }
  return addresses[static_cast<size_t>(client) % addresses.size()];
}

testing::HttpsServer EdgeOf(const Arguments& arguments, int client) {
  const std::string& address = TurnOf(arguments.https, client);
  testing::HttpsServer server;
  const size_t colon = address.rfind(':');
  const auto root =
      testing::ReadCertificateDer(arguments.sandbox + "/sandbox/tls-root.pem");
  if (!root.ok() || colon == std::string::npos ||
      !absl::SimpleAtoi(address.substr(colon + 1), &server.port)) {
    Fail("--https is HOST:PORT of a sandbox");
  }
  server.address = address.substr(0, colon);
  server.roots_der = {*root};
  return server;
}

std::string KeyOf(const Work& work) {
  return Work::Kind_Name(work.kind()) + work.format();
}

testing::Identity LineOf(const Arguments& arguments) {
  const std::string folder = arguments.sandbox + "/sandbox/";
  auto line = testing::ReadIdentity(folder + "line.pem", folder + "line.key");
  if (!line.ok()) {
    Fail("the sandbox has no factory line: " + line.status().ToString());
  }
  return *std::move(line);
}

std::string PinOf(const Arguments& arguments) {
  auto pin =
      testing::ReadCertificateDer(arguments.sandbox + "/sandbox/domain-ca.pem");
  if (!pin.ok()) {
    Fail("the sandbox has no domain: " + pin.status().ToString());
  }
  return *std::move(pin);
}

}  // namespace

Workshop::Workshop(const Arguments& arguments, const Scenario& scenario)
    : arguments_(arguments), scenario_(scenario), journal_(arguments.journal) {
  for (const Work& work : scenario.mix()) {
    Prepare(work);
  }
}

void Workshop::Prepare(const Work& work) {
  const int clients = scenario_.clients(), devices = scenario_.devices();
  switch (work.kind()) {
    case Work::KIND_REQUEST_VOUCHER:
    case Work::KIND_REQUEST_AUDIT_LOG: {
      const auto issuers = ReadIssuers(arguments_.work);
      if (!issuers.ok()) {
        Fail("mint devices first: " + issuers.status().ToString());
      }
      minted_[KeyOf(work)] = MintRequests(ContainerOf(work.format()), *issuers,
                                          Take(), devices, clients);
      return;
    }
    case Work::KIND_ENROLL:
      enrollments_ = MintEnrollments(LineOf(arguments_), NewSerials(work),
                                     devices, clients);
      return;
    case Work::KIND_ISSUE_MANY:
    case Work::KIND_STREAM_ISSUE:
      orders_from_ = Take();
      pin_der_ = PinOf(arguments_);
      return;
    case Work::KIND_IMPORT:
      return;
    default:
      if (scenario_.fleet() < 1) {
        Fail("owners are asked for of a fleet");
      }
      if (questions_.empty()) {
        questions_ = AskFleet(ReadDomains(arguments_.work), scenario_.fleet(),
                              kQuestions, 1);
      }
  }
}

int Workshop::Take() {
  const int first = arguments_.first + taken_;
  taken_ += scenario_.devices();
  return first;
}

std::string Workshop::NewSerials(const Work& work) const {
  return absl::StrCat("NEW-", scenario_.name(), "-", arguments_.first, "-",
                      static_cast<int>(work.kind()), "-");
}

std::shared_ptr<grpc::Channel> Workshop::Api(int client) const {
  return SandboxChannel(arguments_.sandbox, TurnOf(arguments_.api, client));
}

std::unique_ptr<Operation> Workshop::Make(const Work& work, int client) {
  switch (work.kind()) {
    case Work::KIND_REQUEST_VOUCHER:
    case Work::KIND_REQUEST_AUDIT_LOG:
      return MakeRegistrarWork(work, minted_.at(KeyOf(work)), client,
                               EdgeOf(arguments_, client), journal_);
    case Work::KIND_ENROLL:
      return MakeEnrollmentWork(work, enrollments_, client,
                                EdgeOf(arguments_, client), journal_);
    default:
      return MakeCall(
          work, client, [this, client] { return Api(client); }, journal_);
  }
}

std::unique_ptr<Operation> Workshop::MakeElsewhere(const Work& work, int client,
                                                   const Connect& connect) {
  return MakeCall(work, client, connect, nowhere_);
}

std::unique_ptr<Operation> Workshop::MakeCall(const Work& work, int client,
                                              const Connect& connect,
                                              Journal& journal) {
  const int each = scenario_.devices() / scenario_.clients();
  const int order = orders_from_ + client * each;
  switch (work.kind()) {
    case Work::KIND_RESOLVE:
    case Work::KIND_RESOLVE_MANY:
      return MakeResolveWork(work, client, connect, questions_);
    case Work::KIND_STREAM_RESOLVE:
      return MakeStreamResolveWork(work, client, connect(), questions_);
    case Work::KIND_ISSUE_MANY:
      return MakeIssueWork(work, order, order + each, pin_der_, connect(),
                           journal);
    case Work::KIND_STREAM_ISSUE:
      return MakeStreamIssueWork(work, order, order + each, pin_der_, connect(),
                                 journal);
    case Work::KIND_IMPORT:
      return MakeImportWork(work, NewSerials(work), client * each,
                            (client + 1) * each, connect());
    default:
      Fail("a work has a kind");
  }
}

}  // namespace masa::hammer
