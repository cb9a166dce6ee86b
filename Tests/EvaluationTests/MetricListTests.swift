import Evaluation
import Foundation
import Testing

@Suite struct MetricListTests {
  @Test func theListIsWhatKeysSay() throws {
    #expect(Set(Metric.all.map(\.key)).count == Metric.all.count)
    for metric in Metric.all {
      #expect(Metric(key: metric.key) == metric && !metric.meaning.isEmpty && !metric.label.isEmpty)
      #expect(try JSONDecoder().decode(Metric.self, from: JSONEncoder().encode(metric)) == metric)
    }
    #expect(Metric(key: "mse") == .r2 && Metric(key: "psnr") == nil)
  }
}
