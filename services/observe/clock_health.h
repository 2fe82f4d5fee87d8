// Whether the time may be trusted: vouchers carry it, and devices judge by it
// (requirements OP-19). Thread-safe.
#ifndef SERVICES_OBSERVE_CLOCK_HEALTH_H_
#define SERVICES_OBSERVE_CLOCK_HEALTH_H_

namespace masa {

class ClockHealth {
 public:
  virtual ~ClockHealth() = default;
  virtual bool IsSynchronised() const = 0;
};

}  // namespace masa

#endif  // SERVICES_OBSERVE_CLOCK_HEALTH_H_
