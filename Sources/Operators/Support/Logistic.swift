import Glibc

/// 1 / (1 + e^-x), without overflow on either side.
func logistic(_ x: Double) -> Double {
  if x >= 0 { return 1 / (1 + exp(-x)) }
  let small = exp(x)
  return small / (1 + small)
}

/// ln(1 + e^x); for large x the sum would overflow long before the result does.
func logOnePlusExp(_ x: Double) -> Double { x > 0 ? x + log1p(exp(-x)) : log1p(exp(x)) }
