import Search
import TensorCore
import Testing

@Suite struct RecipeInteractionTests {
  @Test func spreadsOfSpeedsCombineByTheRootOfTheirSquares() {
    // Widths of 3 % and 4 % make 5 %, to the first order.
    let one = RatioEstimate(value: 2, interval: Interval(low: 2 / 1.03, high: 2 * 1.03))
    let other = RatioEstimate(value: 1.5, interval: Interval(low: 1.5 / 1.04, high: 1.5 * 1.04))
    let product = one * other
    #expect(product.value == 3)
    #expect(abs(product.interval.high / 3 - 1.05) < 0.001 && abs(3 / product.interval.low - 1.05) < 0.001)
    let quotient = one / other
    #expect(abs(quotient.value - 4.0 / 3) < 1e-12)
    #expect(abs(quotient.interval.high / quotient.value - 1.05) < 0.001)
    #expect(quotient.interval.low < quotient.value && quotient.value < quotient.interval.high)
  }

  @Test func aSideWithoutSpreadAddsNone() {
    let exact = RatioEstimate(value: 2, interval: Interval(low: 2, high: 2))
    let wide = RatioEstimate(value: 1, interval: Interval(low: 0.5, high: 1))
    let product = exact * wide
    #expect(abs(product.interval.low - 1) < 1e-12 && product.interval.high == 2)
  }
}
