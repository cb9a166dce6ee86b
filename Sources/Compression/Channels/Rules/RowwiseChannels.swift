import GraphIR
import Operators

/// Operators that work along other axes than that of the channels let them pass: softmax, reductions, pools.
enum RowwiseChannels {
  static func pass(
    _ node: Node, _ site: OperatorSite, _ form: RowwiseForm, _ analyzer: inout ChannelAnalyzer
  ) {
    guard let input = node.input(0), var axis = analyzer[input], let output = node.outputs.first else {
      return
    }
    guard let axes = form.axes(at: site), !axes.contains(axis.axis),
      node.outputs.dropFirst().allSatisfy(\.isEmpty)
    else {
      guard case .reduced = form.result else { return analyzer.stop(node) }
      return analyzer.freeze(input, "feeds a \(node.kind) over its channels; they cannot be removed alone")
    }
    if form.dropsAxes(node) { axis.axis -= axes.count { $0 < axis.axis } }
    analyzer.set(axis, of: output)
  }
}
