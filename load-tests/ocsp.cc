// The figure ocsp (sandbox.md, Figures): OCSP requests that a running sandbox
// answers per second of CPU that masad and its PostgreSQL used, about
// certificates whose answers were signed ahead, against the same edge in a
// process of its own that serves one body of that size.
//
//   ocsp SANDBOX CERTIFICATES REQUESTS PORT MASAD POSTGRES STATIC_SERVER
//     PORT is that of HTTPS, CRLs and OCSP are three above it; MASAD and
//     POSTGRES are process ids, STATIC_SERVER is the program
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "load-tests/est_client.h"
#include "load-tests/plain_http.h"
#include "load-tests/process_cpu.h"
#include "load-tests/static_server.h"
#include "openssl/bytestring.h"
#include "openssl/mem.h"
#include "openssl/pkcs7.h"
#include "openssl/x509.h"
#include "services/testing/files.h"
#include "services/wire/certificate.h"
#include "services/wire/revocation.h"

namespace masa {
namespace {

constexpr int kConnections = 32;  // so many requests are outstanding
constexpr int kRounds = 6;        // of each of the two, in turn

// A benchmark whose own work failed has no figure to show.
void Require(bool held, const std::string& what) {
  if (!held) {
    std::fprintf(stderr, "ocsp: %s\n", what.c_str());
    std::exit(1);
  }
}

// The one certificate of an answer of simpleenroll.
wire::Certificate CertificateIn(const std::string& body) {
  std::string der;
  Require(absl::Base64Unescape(absl::StripSuffix(body, "\n"), &der),
          "an answer of EST is no base64");
  CBS cbs;
  CBS_init(&cbs, reinterpret_cast<const uint8_t*>(der.data()), der.size());
  const bssl::UniquePtr<STACK_OF(X509)> list(sk_X509_new_null());
  Require(PKCS7_get_certificates(list.get(), &cbs) == 1 &&
              sk_X509_num(list.get()) == 1,
          "an answer of EST is no certificate");
  uint8_t* octets = nullptr;
  const int length = i2d_X509(sk_X509_value(list.get(), 0), &octets);
  const auto read = wire::Certificate::Parse(
      std::string(reinterpret_cast<char*>(octets), length));
  OPENSSL_free(octets);
  Require(read.ok(), "a certificate does not parse");
  return *read;
}

// What asks about new certificates of the sandbox, one request for each.
std::vector<std::string> Questions(const std::string& sandbox, int port,
                                   int count) {
  const auto ca = testing::ReadIdentity(sandbox + "/sandbox/idevid-ca.pem",
                                        sandbox + "/sandbox/idevid-ca.key");
  Require(ca.ok(), "the sandbox's IDevID CA cannot be read");
  const auto issuer = wire::Certificate::Parse(ca->CertificateDer());
  const auto line = EstClient::New(sandbox, port);
  Require(line.ok(), "the sandbox's line cannot be read");
  const auto client = line->Connect();
  Require(client.ok(), "no connection: " + client.status().ToString());
  std::vector<std::string> questions;
  for (int i = 0; i < count; ++i) {
    const auto answer =
        Enroll(**client, EnrollmentBody(absl::StrCat("OCSP-", i)));
    Require(answer.ok(), answer.status().ToString());
    const std::string der =
        wire::EncodeOcspRequest(CertificateIn(*answer), *issuer);
    questions.push_back(absl::StrCat(
        "POST /ocsp HTTP/1.1\r\nHost: localhost\r\n"
        "Content-Type: application/ocsp-request\r\nContent-Length: ",
        der.size(), "\r\n\r\n", der));
  }
  return questions;
}

// Sends `count` requests, round and round, and looks at each answer's size.
void Send(int port, const std::vector<std::string>& requests, int count,
          size_t size) {
  std::vector<std::thread> threads;
  for (int c = 0; c < kConnections; ++c) {
    threads.emplace_back([&, c] {
      const auto client = PlainHttp::Connect(port);
      Require(client != nullptr, "nothing listens on the port");
      for (int i = c; i < count; i += kConnections) {
        const std::string body = client->Ask(requests[i % requests.size()]);
        // DER of signatures differs by some octets.
        Require(body.size() + 8 >= size && body.size() <= size + 8,
                "an answer of another size came");
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

// Until what was signed ahead is there, and the edge has it.
std::string WarmUp(int port, const std::vector<std::string>& questions) {
  const auto client = PlainHttp::Connect(port);
  Require(client != nullptr, "nothing listens on the port of OCSP");
  std::string last;
  for (const std::string& question : questions) {
    last = client->Ask(question);
    const auto read = wire::ParseOcspResponse(last);
    Require(
        read.ok() && read->answers[0].status == wire::OcspAnswer::Status::kGood,
        "a certificate is not good");
  }
  return last;
}

int Run(const std::string& sandbox, int certificates, int requests, int port,
        int masad, int postgres, const std::string& static_server) {
  const auto questions = Questions(sandbox, port, certificates);
  const int status_port = port + 3;
  const size_t size = WarmUp(status_port, questions).size();
  const auto still = StaticServer::Start(static_server, size);
  Require(still != nullptr, "the static server does not start");
  double cpu = 0, still_cpu = 0, wall = 0;
  const auto used = [&] {
    return CpuSecondsOf(masad) + CpuSecondsWithChildren(postgres);
  };
  for (int round = 0; round < kRounds; ++round) {
    const double before = used();
    const absl::Time start = absl::Now();
    Send(status_port, questions, requests, size);
    wall += absl::ToDoubleSeconds(absl::Now() - start);
    cpu += used() - before;
    const double still_before = CpuSecondsOf(still->pid());
    Send(still->port(), {StaticServer::Request()}, requests, size);
    still_cpu += CpuSecondsOf(still->pid()) - still_before;
  }
  const double all = static_cast<double>(requests) * kRounds;
  const double value = all / cpu, limit = all / still_cpu;
  // Rounded down, so that a figure just below its target does not show it.
  std::printf(
      "ocsp value=%.0f unit=1/s limit=%.0f ratio=%.2f "
      "note=\"the same edge with a static body of %zu octets; %.0f requests by "
      "POST about %d certificates, %d connections; "
      "%.0f/s of wall time; CPU of masad and PostgreSQL\"\n",
      value, limit, std::floor(100 * value / limit) / 100, size, all,
      certificates, kConnections, all / wall);
  return 0;
}

}  // namespace
}  // namespace masa

int main(int argc, char** argv) {
  if (argc == 8) {
    return masa::Run(argv[1], std::atoi(argv[2]), std::atoi(argv[3]),
                     std::atoi(argv[4]), std::atoi(argv[5]), std::atoi(argv[6]),
                     argv[7]);
  }
  std::fprintf(stderr, "ocsp: see the head of its source\n");
  return 2;
}
