import Foundation

/// One line of the kernel table: the same work done by a peer and by us.
struct KernelCase {
  /// What the work is measured against.
  enum Bound: String {
    case floats = "F"
    case integers = "I"
    case reads = "R"
  }

  /// Who else does the work.
  enum Peer {
    case none
    /// In this process, one call.
    case call(String, () -> Void)
    /// In the peer process, by the name of a case there.
    case process(KernelPeer, String)

    var name: String {
      switch self {
      case .none: "-"
      case .call(let name, _): name
      case .process(let peer, _): peer.name
      }
    }
  }

  let name: String
  let peer: Peer
  /// Operations of one call, a multiplication and an addition counting as two, or bytes read.
  let work: Double
  let bound: Bound
  let ours: () -> Void

  /// Times both sides and the peak in turn for about `seconds`.
  func measure(_ peaks: MeasuredPeaks, seconds: Double = 0.8) throws -> KernelFigures {
    let oursCount = KernelClock.calls(for: 0.002, ours)
    var prepared: (() throws -> Double)?
    switch peer {
    case .none: break
    case .call(_, let body):
      let count = KernelClock.calls(for: 0.002, body)
      prepared = { KernelClock.seconds(count, body) }
    case .process(let process, let name):
      prepared = { try process.seconds(name) }
    }
    var figures = KernelFigures()
    let start = KernelClock.wall()
    while figures.ours.count < 5 || KernelClock.wall() - start < seconds && figures.ours.count < 200 {
      if let prepared { figures.peer.append(try prepared()) }
      figures.peaks.append(peaks.now(bound))
      figures.ours.append(KernelClock.seconds(oursCount, ours))
    }
    return figures
  }
}

/// Seconds per call of both sides, and the peak before each of ours, in the order taken.
struct KernelFigures {
  var peer: [Double] = []
  var ours: [Double] = []
  var peaks: [Double] = []

  var peerMedian: Double? { Quartiles(peer)?.median }
  var oursMedian: Double { Quartiles(ours)?.median ?? .nan }
  /// How many times as fast as the peer each neighbouring pair was.
  var ratios: Quartiles? { Quartiles(zip(peer, ours).map { $0 / $1 }) }
  /// The share of the peak that `work` in each call reached.
  func share(_ work: Double) -> Double { Quartiles(zip(ours, peaks).map { work / $0 / $1 })?.median ?? .nan }
}

/// The middle of a sample and the span of its middle half.
struct Quartiles {
  let low: Double
  let median: Double
  let high: Double

  init?(_ values: [Double]) {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    func at(_ share: Double) -> Double {
      let place = share * Double(sorted.count - 1)
      let below = Int(place)
      let above = min(below + 1, sorted.count - 1)
      return sorted[below] + (sorted[above] - sorted[below]) * (place - Double(below))
    }
    low = at(0.25)
    median = at(0.5)
    high = at(0.75)
  }
}

/// A case's figures as a row of the table.
struct KernelLine {
  let text: String

  static let head = row("case", "peer", "peer us", "ours us", "ratio", "IQR", "reaches", "share")

  init(_ item: KernelCase, _ figures: KernelFigures) {
    self.init(item.name, peer: item.peer.name, figures, work: item.work, bound: item.bound)
  }

  init(_ name: String, peer: String, _ figures: KernelFigures, work: Double, bound: KernelCase.Bound) {
    let rate = work / figures.oursMedian
    self.init(
      name, peer: peer, figures,
      reaches: String(format: "%.1f %@", rate * 1e-9, bound == .reads ? "GB/s" : "Gop/s"),
      share: String(format: "%.0f %% %@", 100 * figures.share(work), bound.rawValue))
  }

  /// Of what no peak bounds.
  init(_ name: String, peer: String, _ figures: KernelFigures, reaches: String = "-", share: String = "-") {
    let ratios = figures.ratios
    text = Self.row(
      name, peer, figures.peerMedian.map(Self.micro) ?? "-", Self.micro(figures.oursMedian),
      ratios.map { String(format: "%.2fx", $0.median) } ?? "-",
      ratios.map { String(format: "%.2f-%.2f", $0.low, $0.high) } ?? "-", reaches, share)
  }

  private static func micro(_ seconds: Double) -> String {
    String(format: seconds < 1e-4 ? "%.2f" : "%.0f", seconds * 1e6)
  }

  private static func row(_ name: String, _ peer: String, _ columns: String...) -> String {
    let widths = [10, 10, 8, 12, 13, 8]
    return name.padding(toLength: 44, withPad: " ", startingAt: 0) + " "
      + peer.padding(toLength: 18, withPad: " ", startingAt: 0)
      + zip(columns, widths).map { String(repeating: " ", count: max(1, $1 - $0.count)) + $0 }.joined()
  }
}
