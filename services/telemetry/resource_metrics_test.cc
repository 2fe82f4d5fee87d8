#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "prometheus/text_serializer.h"
#include "proto/masa/v1/device.pb.h"
#include "services/telemetry/grpc_calls.h"
#include "services/telemetry/process_metrics.h"
#include "services/telemetry/store_metrics.h"
#include "services/telemetry/tls_expiries.h"
#include "services/testing/test_pki.h"

namespace masa::telemetry {
namespace {

std::string TextOf(prometheus::Registry& registry) {
  return prometheus::TextSerializer().Serialize(registry.Collect());
}

// The value of the series, or "none".
std::string ValueOf(prometheus::Registry& registry, const std::string& series) {
  const std::string text = "\n" + TextOf(registry);
  const size_t at = text.find("\n" + series + " ");
  if (at == std::string::npos) {
    return "none";
  }
  const size_t from = at + series.size() + 2;
  return text.substr(from, text.find('\n', from) - from);
}

constexpr char kGetDevice[] =
    "grpc_method=\"GetDevice\",grpc_service=\"masa.v1.DeviceService\","
    "grpc_type=\"unary\"";

TEST(GrpcCalls, HaveSeriesForEachMethodBeforeAnyCall) {
  prometheus::Registry registry;
  // Who is not named by a message of its file is not linked in.
  EXPECT_NE(masa::v1::Device::descriptor(), nullptr);
  GrpcCalls calls(registry, "grpc_server", {"masa.v1.DeviceService"});
  for (const char* name :
       {"grpc_server_started_total", "grpc_server_msg_received_total",
        "grpc_server_msg_sent_total"}) {
    EXPECT_EQ(ValueOf(registry, std::string(name) + "{" + kGetDevice + "}"),
              "0");
  }
  EXPECT_EQ(ValueOf(registry,
                    std::string("grpc_server_handled_total{grpc_code=\"OK\",") +
                        kGetDevice + "}"),
            "0");
  EXPECT_NE(TextOf(registry).find("grpc_type=\"client_stream\""),
            std::string::npos);
}

TEST(GrpcCalls, CountByMethodAndCode) {
  prometheus::Registry registry;
  GrpcCalls calls(registry, "grpc_server", {"masa.v1.DeviceService"});
  for (const int code : {0, 5, 5}) {
    MethodEvents& method = calls.Of("/masa.v1.DeviceService/GetDevice");
    method.Started();
    method.Received();
    method.Handled(code, code == 0 ? "" : "DEVICE_UNKNOWN",
                   absl::Milliseconds(3));
  }
  const std::string labels = kGetDevice;
  EXPECT_EQ(ValueOf(registry, "grpc_server_started_total{" + labels + "}"),
            "3");
  EXPECT_EQ(
      ValueOf(registry, "grpc_server_handled_total{grpc_code=\"NotFound\"," +
                            labels + "}"),
      "2");
  EXPECT_EQ(ValueOf(registry,
                    "masa_grpc_server_refusals_total{grpc_service=\"masa.v1."
                    "DeviceService\",reason=\"DEVICE_UNKNOWN\"}"),
            "2");
  calls.Forgave("ien");
  EXPECT_EQ(ValueOf(registry, "masa_grpc_server_forgiven_total{what=\"ien\"}"),
            "1");
  EXPECT_EQ(ValueOf(registry, "grpc_server_handling_seconds_bucket{" + labels +
                                  ",le=\"0.005\"}"),
            "3");
  EXPECT_EQ(ValueOf(registry, "grpc_server_handling_seconds_bucket{" + labels +
                                  ",le=\"0.002\"}"),
            "0");
}

TEST(GrpcCalls, AStrangerMakesNoSeries) {
  prometheus::Registry registry;
  GrpcCalls calls(registry, "grpc_server", {"masa.v1.DeviceService"});
  const auto lines = [&registry] {
    const std::string text = TextOf(registry);
    return std::count(text.begin(), text.end(), '\n');
  };
  calls.Of("/a.B/C").Handled(12, "", absl::ZeroDuration());
  const auto before = lines();
  for (const char* path : {"/a.B/D", "", "/masa.v1.DeviceService/Nothing"}) {
    calls.Of(path).Handled(12, "", absl::ZeroDuration());
  }
  EXPECT_EQ(lines(), before);
  EXPECT_EQ(ValueOf(registry,
                    "grpc_server_handled_total{grpc_code=\"Unimplemented\","
                    "grpc_method=\"other\",grpc_service=\"other\","
                    "grpc_type=\"unary\"}"),
            "4");
}

TEST(StoreMetrics, SayWhatThePoolTells) {
  prometheus::Registry registry;
  StoreMetrics store(registry, 16);
  store.Connections(3, 2);
  store.Acquired(absl::Milliseconds(1));
  store.Attempted(absl::Milliseconds(1));
  for (const char* sqlstate : {"40001", "40001", "53300"}) {
    store.Retried(sqlstate);
  }
  store.InDoubt();
  const struct {
    const char* series;
    const char* value;
  } rows[] = {
      {"masa_db_connections{state=\"in_use\"}", "3"},
      {"masa_db_connections{state=\"waiting\"}", "2"},
      {"masa_db_connections{state=\"limit\"}", "16"},
      {"masa_db_acquire_seconds_count", "1"},
      {"masa_db_transaction_seconds_count", "1"},
      {"masa_db_retries_total{sqlstate=\"40001\"}", "2"},
      {"masa_db_retries_total{sqlstate=\"40P01\"}", "0"},
      {"masa_db_retries_total{sqlstate=\"other\"}", "1"},
      {"masa_db_in_doubt_total", "1"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(ValueOf(registry, row.series), row.value) << row.series;
  }
}

TEST(StoreMetrics, TellStatementsApartByName) {
  prometheus::Registry registry;
  StoreMetrics store(registry, 16);
  const std::string again = "read_tenants";  // another pointer, the same name
  store.Executed("read_tenants", absl::Milliseconds(3));
  store.Executed(again.c_str(), absl::Milliseconds(30));
  store.Executed("write_vouchers", absl::Milliseconds(1));
  const struct {
    const char* series;
    const char* value;
  } rows[] = {
      {"masa_db_query_seconds_count{statement=\"read_tenants\"}", "2"},
      {"masa_db_query_seconds_bucket{statement=\"read_tenants\",le=\"0.005\"}",
       "1"},
      {"masa_db_query_seconds_bucket{statement=\"read_tenants\",le=\"0.05\"}",
       "2"},
      {"masa_db_query_seconds_count{statement=\"write_vouchers\"}", "1"},
      {"masa_db_query_seconds_count{statement=\"never_run\"}", "none"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(ValueOf(registry, row.series), row.value) << row.series;
  }
}

TEST(StoreMetrics, CountEveryStatementOfManyThreads) {
  prometheus::Registry registry;
  StoreMetrics store(registry, 16);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&store] {
      for (int run = 0; run < 100; ++run) {
        store.Executed("read_tenants", absl::Milliseconds(1));
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(ValueOf(registry,
                    "masa_db_query_seconds_count{statement=\"read_tenants\"}"),
            "400");
}

TEST(TlsExpiries, SayWhenEachCertificateEndsAndZeroForNone) {
  testing::CertificateSpec spec;
  spec.not_after = absl::FromUnixSeconds(1'900'000'000);
  const std::string path = ::testing::TempDir() + "/ends.pem";
  std::ofstream(path) << testing::MakeIdentity(spec, nullptr).CertificatePem();
  prometheus::Registry registry;
  TlsExpiries expiries(registry);
  expiries.Update({{"api", path}, {"edge", path + ".gone"}});
  const std::string name = "masa_tls_cert_not_after_timestamp_seconds";
  EXPECT_EQ(std::stod(ValueOf(registry, name + "{role=\"api\"}")), 1.9e9);
  EXPECT_EQ(ValueOf(registry, name + "{role=\"edge\"}"), "0");
  spec.not_after = absl::FromUnixSeconds(2'000'000'000);
  std::ofstream(path) << testing::MakeIdentity(spec, nullptr).CertificatePem();
  // A configuration that was taken since names others.
  expiries.Update({{"api", path + ".gone"}, {"admin", path}});
  EXPECT_EQ(ValueOf(registry, name + "{role=\"api\"}"), "0");
  EXPECT_EQ(std::stod(ValueOf(registry, name + "{role=\"admin\"}")), 2e9);
  EXPECT_EQ(TextOf(registry).find("role=\"edge\""), std::string::npos);
}

TEST(ProcessMetrics, ReadWhatTheKernelSays) {
  prometheus::Registry registry;
  ProcessMetrics process(registry);
  process.Update();
  process.Update();
  for (const char* series :
       {"process_resident_memory_bytes", "process_virtual_memory_bytes",
        "process_open_fds", "process_max_fds", "process_threads",
        "process_start_time_seconds"}) {
    const std::string value = ValueOf(registry, series);
    EXPECT_GT(std::atof(value.c_str()), 0) << series << " is " << value;
  }
  EXPECT_NE(TextOf(registry).find("masa_build_info{compiler="),
            std::string::npos);
}

}  // namespace
}  // namespace masa::telemetry
