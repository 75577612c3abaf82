// SPDX-License-Identifier: LGPL-2.1-or-later
// Where the pages of other namespaces are.  GStreamer's are not gi-docgen's and
// have other names: a link leads to their index, its own name after the "#".
baseURLs = [
  ['Gst', 'https://gstreamer.freedesktop.org/documentation/gstreamer/index.html#'],
  ['GLib', 'https://docs.gtk.org/glib/'],
  ['GObject', 'https://docs.gtk.org/gobject/'],
];
