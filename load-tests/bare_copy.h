// The least that importing devices costs the database: COPY of the same rows
// into tables with the same indexes. For hammer.
#ifndef LOAD_TESTS_BARE_COPY_H_
#define LOAD_TESTS_BARE_COPY_H_

#include <string>

namespace masa {

class BareCopy {
 public:
  // Reads the rows of devices whose serial numbers begin with `prefix`, at most
  // `most` of them. Ends the program where there are none.
  BareCopy(const std::string& database_url, const std::string& prefix,
           int most);

  // Writes them into another database with the same schema. Ends the program on
  // failure.
  void Run(const std::string& database_url) const;

  int devices() const { return devices_; }

 private:
  // Of devices and of device_serials, as COPY has them in binary form.
  std::string rows_, serials_;
  int devices_ = 0;
};

}  // namespace masa

#endif  // LOAD_TESTS_BARE_COPY_H_
