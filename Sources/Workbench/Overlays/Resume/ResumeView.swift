import TerminalUI

/// The last session of this model, offered when it is opened again.
struct ResumeView: Drawable {
  let offer: ResumeOffer

  func draw(on canvas: inout Canvas) {
    let marks = offer.marks == 1 ? "1 mark" : "\(offer.marks) marks"
    let text =
      "An earlier session of this model is here: \(offer.variants) configurations, \(marks), last used \(offer.age).\n\n"
      + "Enter takes it up again. Esc starts afresh; the earlier one stays in the store."
    let overlay = Overlay(
      title: "welcome back", size: Size(width: 52, height: 6), footer: "Enter resume  Esc new")
    overlay.draw(on: &canvas) { $0.draw(TextBox(text, style: .overlay)) }
  }
}
