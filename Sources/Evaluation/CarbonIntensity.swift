/// Grams of CO2 equivalent that the electricity grid emits per kilowatt-hour.
package struct CarbonIntensity: Codable, Hashable, Sendable {
  package var gramsPerKilowattHour: Double

  /// - Parameter gramsPerKilowattHour: not negative; a negative or undefined value counts as 0.
  package init(gramsPerKilowattHour: Double) {
    self.gramsPerKilowattHour = gramsPerKilowattHour > 0 ? gramsPerKilowattHour : 0
  }

  /// The world's average of 2023 (Ember, Global Electricity Review 2024): 480 g/kWh. A grid's own figure is better.
  package static let worldAverage = CarbonIntensity(gramsPerKilowattHour: 480)

  /// Grams for `joules`; a kilowatt-hour is 3.6 MJ.
  package func grams(joules: Double) -> Double { joules / 3.6e6 * gramsPerKilowattHour }
}
