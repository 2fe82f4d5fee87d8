#include "storage/postgres/array_parameter.h"

namespace masa::storage {
namespace {

// The octets before the elements: dimensions, whether any is null, the type,
// how many there are, the first index; four for each.
constexpr size_t kHeader = 20;
constexpr size_t kHeaderOfNone = 12;

// Writes `value` at `at`, in `width` octets, the most significant first.
void PutNumber(int64_t value, size_t width, char* at) {
  for (size_t i = 0; i < width; ++i) {
    at[i] = static_cast<char>(value >> (8 * (width - 1 - i)));
  }
}

void AppendNumber(int64_t value, size_t width, std::string& wire) {
  wire.append(width, '\0');
  PutNumber(value, width, &wire[wire.size() - width]);
}

}  // namespace

ArrayParameter::ArrayParameter(int32_t type) : wire_(kHeader, '\0') {
  PutNumber(type, 4, &wire_[8]);
  PutNumber(1, 4, &wire_[16]);
}

void ArrayParameter::AddLength(int32_t length) {
  ++size_;
  wire_[3] = 1;  // dimensions
  PutNumber(size_, 4, &wire_[12]);
  AppendNumber(length, 4, wire_);
}

void ArrayParameter::AddNull() {
  wire_[7] = 1;
  AddLength(-1);
}

void ArrayParameter::AddOctets(absl::string_view octets) {
  AddLength(static_cast<int32_t>(octets.size()));
  wire_.append(octets.data(), octets.size());
}

void ArrayParameter::AddNumber(int64_t value, size_t width) {
  AddLength(static_cast<int32_t>(width));
  AppendNumber(value, width, wire_);
}

pqxx::binarystring ArrayParameter::Finish() const {
  return BytesParameter(absl::string_view(wire_).substr(
      0, size_ > 0 ? wire_.size() : kHeaderOfNone));
}

void TimeArray::Add(absl::Time value) {
  constexpr int64_t kEpoch = 946684800;  // 2000-01-01 00:00 UTC
  AddNumber(absl::ToInt64Microseconds(value - absl::FromUnixSeconds(kEpoch)),
            8);
}

}  // namespace masa::storage
