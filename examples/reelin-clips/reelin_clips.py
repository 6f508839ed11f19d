"""Videos on clips.example, for reelin."""

from typing import Annotated

from reelin import Extractor, MediaItem, hookimpl


class Clips(Extractor):
    """Videos on clips.example."""

    name = "clips"
    pattern = r"https://clips\.example/watch/\d+"
    examples = ["https://clips.example/watch/42"]

    trailers: Annotated[bool, "take trailers too"] = False

    def extract(self, page):
        for url in page.urls("video source", "src"):
            if self.trailers or "trailer" not in url:
                yield MediaItem(url, title=page.title)


@hookimpl
def reelin_extractors():
    return [Clips()]
