#include "services/telemetry/api_calls.h"

#include <string>

#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"
#include "prometheus/text_serializer.h"
#include "proto/ovgs/v1/ovgs.pb.h"

namespace masa::telemetry {
namespace {

constexpr char kOvgs[] = "ovgs.v1.OwnershipVoucherService";

std::string TextOf(prometheus::Registry& registry) {
  return prometheus::TextSerializer().Serialize(registry.Collect());
}

bool Has(prometheus::Registry& registry, const std::string& line) {
  return ("\n" + TextOf(registry)).find("\n" + line + "\n") !=
         std::string::npos;
}

// So that the service's descriptor is linked in.
void LinkOvgs() {
  ASSERT_NE(::ovgs::v1::CreateGroupRequest::descriptor(), nullptr);
}

TEST(ApiCalls, HaveSeriesForEachMethodAndClassBeforeAnyCall) {
  LinkOvgs();
  prometheus::Registry registry;
  ApiCalls calls(registry, kOvgs);
  const auto* service =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          kOvgs);
  ASSERT_NE(service, nullptr);
  EXPECT_GT(service->method_count(), 0);
  for (int i = 0; i < service->method_count(); ++i) {
    for (const char* caller : {"operator", "customer"}) {
      EXPECT_TRUE(Has(registry, std::string("masa_ovgs_calls_total{caller=\"") +
                                    caller + "\",method=\"" +
                                    service->method(i)->name() + "\"} 0"))
          << caller << " " << service->method(i)->name();
    }
    EXPECT_TRUE(
        Has(registry, std::string("masa_ovgs_foreign_calls_total{method=\"") +
                          service->method(i)->name() + "\"} 0"));
  }
  EXPECT_TRUE(Has(registry, "masa_grpc_server_cookie_auth_total 0"));
}

TEST(ApiCalls, CountByMethodAndClass) {
  LinkOvgs();
  prometheus::Registry registry;
  ApiCalls calls(registry, kOvgs);
  calls.OvgsCalled("GetSerial", CallerClass::kCustomer);
  calls.OvgsCalled("GetSerial", CallerClass::kCustomer);
  calls.OvgsCalled("GetSerial", CallerClass::kOperator);
  calls.OvgsProbed("GetSerial");
  calls.CameByCookie();
  const std::string series = "masa_ovgs_calls_total{caller=";
  EXPECT_TRUE(Has(registry, series + "\"customer\",method=\"GetSerial\"} 2"));
  EXPECT_TRUE(Has(registry, series + "\"operator\",method=\"GetSerial\"} 1"));
  EXPECT_TRUE(Has(registry, series + "\"customer\",method=\"GetSerials\"} 0"));
  const std::string probes = "masa_ovgs_foreign_calls_total{method=";
  EXPECT_TRUE(Has(registry, probes + "\"GetSerial\"} 1"));
  EXPECT_TRUE(Has(registry, probes + "\"GetSerials\"} 0"));
  EXPECT_TRUE(Has(registry, "masa_grpc_server_cookie_auth_total 1"));
}

TEST(ApiCalls, AStrangeMethodMakesNoSeries) {
  LinkOvgs();
  prometheus::Registry registry;
  ApiCalls calls(registry, kOvgs);
  const std::string before = TextOf(registry);
  calls.OvgsCalled("GetEverything", CallerClass::kOperator);
  calls.OvgsCalled("", CallerClass::kCustomer);
  calls.OvgsProbed("GetEverything");
  EXPECT_EQ(TextOf(registry), before);
}

}  // namespace
}  // namespace masa::telemetry
