// Arrays as parameters of statements, for unnest to take apart, in PostgreSQL's
// binary form: reading their text form cost the server more than the insert.
// Pure; thread-safe.
#ifndef STORAGE_POSTGRES_ARRAY_PARAMETER_H_
#define STORAGE_POSTGRES_ARRAY_PARAMETER_H_

#include <cstdint>
#include <optional>
#include <pqxx/binarystring>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace masa::storage {

// One bytea.
inline pqxx::binarystring BytesParameter(absl::string_view octets) {
  return pqxx::binarystring(octets.data(), octets.size());
}

// An array of any type.
class ArrayParameter {
 public:
  void AddNull();
  // The whole, for a statement that says which type it is.
  pqxx::binarystring Finish() const;

 protected:
  // `type` is the object id of a built-in type, the same in every database.
  explicit ArrayParameter(int32_t type);

  void AddOctets(absl::string_view octets);
  // In `width` octets, of two's complement.
  void AddNumber(int64_t value, size_t width);

 private:
  void AddLength(int32_t length);

  int32_t size_ = 0;
  std::string wire_;  // the header, then each element with its length
};

class BooleanArray : public ArrayParameter {
 public:
  BooleanArray() : ArrayParameter(16) {}
  void Add(bool value) { AddNumber(value ? 1 : 0, 1); }
};

class BytesArray : public ArrayParameter {
 public:
  BytesArray() : ArrayParameter(17) {}
  void Add(const std::string& octets) { AddOctets(octets); }
  void Add(const std::optional<std::string>& octets) {
    octets.has_value() ? AddOctets(*octets) : AddNull();
  }
};

class BigintArray : public ArrayParameter {
 public:
  BigintArray() : ArrayParameter(20) {}
  void Add(int64_t value) { AddNumber(value, 8); }
};

class SmallintArray : public ArrayParameter {
 public:
  SmallintArray() : ArrayParameter(21) {}
  void Add(int16_t value) { AddNumber(value, 2); }
};

class IntegerArray : public ArrayParameter {
 public:
  IntegerArray() : ArrayParameter(23) {}
  void Add(int32_t value) { AddNumber(value, 4); }
};

class TextArray : public ArrayParameter {
 public:
  TextArray() : ArrayParameter(25) {}
  void Add(const std::string& text) { AddOctets(text); }
  void Add(const std::optional<std::string>& text) {
    text.has_value() ? AddOctets(*text) : AddNull();
  }
};

// timestamptz. Times are finite; microseconds are kept.
class TimeArray : public ArrayParameter {
 public:
  TimeArray() : ArrayParameter(1184) {}
  void Add(absl::Time value);
  void Add(const std::optional<absl::Time>& value) {
    value.has_value() ? Add(*value) : AddNull();
  }
};

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_ARRAY_PARAMETER_H_
