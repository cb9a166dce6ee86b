// TerminalUI draws screens and reads keys; it knows terminals and charts, and no models.
//
// Canvas/    A `Canvas` is a grid of cells in which views draw; `draw(in:)` gives a part of it its own origin, and
//            nothing is ever drawn outside. Styles name a role (`.good`, `.key`); colours are the theme's.
// Charts/    `Drawable` values that fill the region they are drawn in, of any size: `LineChart`, `ScatterChart`,
//            `Gauge`, `StackedBar`, `Sparkline`, `Histogram`; `NumberFormat` writes figures for all of them.
// Widgets/   `Table`, `TextBox`, `SelectionList`, `InputLine`, `OverlayBox`.
// Themes/    A `Theme` gives every role its looks; a `ThemeLibrary` reads them from folders of TOML files.
// Terminal/  A `TerminalDriver` shows frames and waits for a `KeyEvent`: `NcursesTerminal` is the real one,
//            `HeadlessTerminal` plays a script for tests.
//
// A screen in short:
//
//     var canvas = Canvas(size: terminal.size, glyphs: terminal.capabilities.glyphs)
//     let columns = canvas.bounds.columns([.fixed(28), .flexible(1)], overlap: 1)
//     canvas.panel(columns[0], title: "knobs", isFocused: true) { canvas in
//       canvas.text("prune", style: .key)
//       canvas.draw(Gauge(0.5, label: "50 %"), in: Rect(x: 7, width: canvas.width - 7, height: 1))
//     }
//     canvas.panel(columns[1], title: "accuracy") { canvas in
//       canvas.draw(LineChart(series: [LineSeries(history)], rules: [LineRule(original)], format: .percent))
//     }
//     terminal.present(canvas)
