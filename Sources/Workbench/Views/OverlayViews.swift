import Compression
import TerminalUI

/// Commands that fit what was typed, the selected one with what it takes.
struct PaletteView: Drawable {
  let line: InputLine
  let selected: Int

  func draw(on canvas: inout Canvas) {
    let commands = PaletteCommand.matching(line.text)
    let items = commands.map { SelectionItem("\($0.name) \($0.argument)", detail: $0.description) }
    let height = min(items.count + 2, max(6, canvas.height - 8))
    let overlay = Overlay(
      title: "command", size: Size(width: min(86, canvas.width - 8), height: height),
      footer: "Tab completes  Enter runs  Esc closes")
    overlay.draw(on: &canvas) { canvas in
      line.draw(on: &canvas, prompt: ":")
      canvas.draw(
        SelectionList(items, selection: selected),
        in: Rect(y: 2, width: canvas.width, height: canvas.height - 2))
      if items.isEmpty { canvas.text("no such command", y: 2, style: .muted) }
    }
  }
}

/// The line in which the layer filter is typed, over the footer.
struct FilterView: Drawable {
  let line: InputLine

  func draw(on canvas: inout Canvas) {
    canvas.draw(in: Rect(y: canvas.height - 1, width: canvas.width, height: 1)) {
      line.draw(on: &$0, prompt: " filter layers: /")
    }
  }
}

struct ThemesView: Drawable {
  let names: [String]
  let selected: Int

  func draw(on canvas: inout Canvas) {
    let overlay = Overlay(
      title: "theme", size: Size(width: 34, height: min(names.count, canvas.height - 4)),
      footer: "Enter keeps")
    overlay.draw(on: &canvas) { $0.draw(SelectionList(names.map { SelectionItem($0) }, selection: selected)) }
  }
}

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
