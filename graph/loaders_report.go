package graph

import (
	"github.com/tillgraph/tillgraph/graph/loader"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/report"
)

// reportLoaders are the look-ups of what people want of reports.
type reportLoaders struct {
	export   loader.Loader[id.ReportExport, *report.Export]
	schedule loader.Loader[id.ReportSchedule, *report.Schedule]
	alert    loader.Loader[id.ReportAlert, *report.Alert]
	notice   loader.Loader[id.ReportNotice, *report.Notice]
}

func (r *Resolver) newReportLoaders() reportLoaders {
	return reportLoaders{
		export:   loader.ByKey(r.files.ExportsByID, func(e *report.Export) id.ReportExport { return e.ID }),
		schedule: loader.ByKey(r.files.SchedulesByID, func(s *report.Schedule) id.ReportSchedule { return s.ID }),
		alert:    loader.ByKey(r.files.AlertsByID, func(a *report.Alert) id.ReportAlert { return a.ID }),
		notice:   loader.ByKey(r.files.NoticesByID, func(n *report.Notice) id.ReportNotice { return n.ID }),
	}
}
